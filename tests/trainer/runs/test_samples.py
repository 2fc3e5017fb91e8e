from __future__ import annotations

import io
import zipfile
from pathlib import Path

import numpy as np
import pytest

from export.errors import ExitCode, ToolError
from trainer.runs import samples
from trainer.runs.samples import Sample, path_of, read_sample, write_sample


def frame(n: int = 5) -> Sample:
    return Sample(
        latent=np.ones((n, 3), np.float16),
        labels=np.arange(n),
        index=np.arange(n),
        reconstruction=np.zeros((4, 1, 2, 2), np.uint8),
    )


def test_a_frame_comes_back_as_it_was_written_and_gives_the_same_bytes(tmp_path: Path) -> None:
    path = path_of(tmp_path, 7)
    assert path.name == "00000007.npz"
    size = write_sample(path, frame())
    data = path.read_bytes()
    assert size == len(data)
    found = read_sample(path)
    assert (found.latent == 1).all()
    assert found.attributes is None
    write_sample(path, frame())
    assert path.read_bytes() == data


def test_cutting_back_drops_later_frames_and_what_is_half_written(tmp_path: Path) -> None:
    for step in (0, 10, 20):
        write_sample(path_of(tmp_path, step), frame())
    (tmp_path / ".00000030.npz.x.tmp").write_bytes(b"half")
    samples.cut_back(tmp_path, 10)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["00000000.npz", "00000010.npz"]
    samples.cut_back(tmp_path / "missing", 0)


@pytest.mark.parametrize("harm", ["gone", "empty", "cut", "no zip", "shape", "type", "key", "object", "bomb"])
def test_a_damaged_frame_is_an_error_of_three_lines(tmp_path: Path, harm: str, monkeypatch: pytest.MonkeyPatch) -> None:
    path = path_of(tmp_path, 1)
    write_sample(path, frame())
    arrays = {name: array for name, array in vars(frame()).items() if array is not None}
    if harm == "gone":
        path.unlink()
    elif harm in ("empty", "cut", "no zip"):
        path.write_bytes({"empty": b"", "cut": path.read_bytes()[:300], "no zip": b"x" * 500}[harm])
    elif harm == "bomb":
        monkeypatch.setattr(samples, "LARGEST_BYTES", 100)
    else:
        changed = {
            "shape": {"labels": np.arange(9)},
            "type": {"latent": np.ones((5, 3), np.float32)},
            "object": {"labels": np.array([None] * 5)},
        }.get(harm, {})
        arrays |= changed
        if harm == "key":
            del arrays["index"]
        np.savez(path, **arrays)
    with pytest.raises(ToolError, match="cannot be read") as caught:
        read_sample(path)
    assert caught.value.exit_code == ExitCode.DAMAGED


def test_a_header_that_lies_about_its_size_is_an_error(tmp_path: Path) -> None:
    path = path_of(tmp_path, 1)
    write_sample(path, frame())
    buffer = io.BytesIO()
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(buffer, "w") as new:
        for entry in old.infolist():
            data = old.read(entry)
            if entry.filename == "latent.npy":
                data = data.replace(b"(5, 3)", b"(5000000000000, 3)".ljust(6)).replace(b" " * 15, b"", 1)
            new.writestr(entry.filename, data)
    path.write_bytes(buffer.getvalue())
    with pytest.raises(ToolError, match="cannot be read"):
        read_sample(path)
