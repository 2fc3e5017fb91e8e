"""Arrays written row by row are those that numpy writes at once."""

from __future__ import annotations

import csv
import io
import zipfile
from pathlib import Path

import numpy as np
import pytest

from trainer.inference.arrays import CodeArchive, CodeArray, CodeStream, CodeTable, NpyStream, npy_header

HEADS = {"mean": (3,), "scale_tril": (3, 3)}
NAMES = ["a.png", 'b,"c".png', "d\ne.png", "caf\u00e9.png", "not utf-8 \udcff.png"]


def heads() -> dict[str, np.ndarray]:
    random = np.random.default_rng(0)
    return {name: random.standard_normal((5, *shape)).astype(np.float32) for name, shape in HEADS.items()}


def fill(stream: CodeStream) -> None:
    """In two unequal pieces."""
    for part in (slice(0, 2), slice(2, 5)):
        stream.append(NAMES[part], {name: values[part] for name, values in heads().items()})
    stream.finish()


def archive() -> bytes:
    file = io.BytesIO()
    fill(CodeArchive(file, HEADS, {name: io.BytesIO() for name in ("names", *HEADS)}))
    return file.getvalue()


@pytest.mark.parametrize("count", [0, 1, 5])
def test_a_stream_of_rows_is_the_file_that_numpy_writes(count: int) -> None:
    rows = np.random.default_rng(1).random((count, 2, 3)).astype(np.float32)
    file = io.BytesIO()
    stream = NpyStream(file, rows.dtype, (2, 3))
    for start in range(0, count, 2):
        stream.append(rows[start : start + 2])
    stream.finish()
    wanted = io.BytesIO()
    np.save(wanted, rows)
    assert file.getvalue() == wanted.getvalue()


def test_a_header_is_as_long_for_any_number_of_rows() -> None:
    assert len({len(npy_header(np.dtype(np.float32), (count, 784))) for count in (0, 9, 10**9, 10**15)}) == 1


def test_rows_of_another_kind_are_refused() -> None:
    stream = NpyStream(io.BytesIO(), np.dtype(np.float32), (3,))
    with pytest.raises(ValueError, match="rows are"):
        stream.append(np.zeros((2, 4), np.float32))
    with pytest.raises(ValueError, match="rows are"):
        stream.append(np.zeros((2, 3)))


def test_an_npy_of_codes_holds_the_first_head() -> None:
    file = io.BytesIO()
    fill(CodeArray(file, HEADS))
    file.seek(0)
    np.testing.assert_array_equal(np.load(file), heads()["mean"])


def test_an_npz_of_codes_holds_names_and_heads_and_needs_no_pickle(tmp_path: Path) -> None:
    (tmp_path / "c.npz").write_bytes(archive())
    with np.load(tmp_path / "c.npz", allow_pickle=False) as file:
        assert sorted(file.files) == ["mean", "names", "scale_tril"]
        assert file["names"].tolist() == NAMES
        for name, values in heads().items():
            np.testing.assert_array_equal(file[name], values)
    assert zipfile.ZipFile(tmp_path / "c.npz").testzip() is None


def test_the_same_codes_give_the_same_npz() -> None:
    assert archive() == archive()


def test_a_table_of_codes_gives_back_the_same_numbers() -> None:
    file = io.BytesIO()
    fill(CodeTable(file, HEADS))
    rows = list(csv.reader(io.StringIO(file.getvalue().decode("utf-8", "surrogateescape"), newline="")))
    assert rows[0][:5] == ["name", "mean_0", "mean_1", "mean_2", "scale_tril_0_0"]
    assert [row[0] for row in rows[1:]] == NAMES
    found = np.array([row[1:] for row in rows[1:]], np.float64).astype(np.float32)
    np.testing.assert_array_equal(found[:, :3], heads()["mean"])
    np.testing.assert_array_equal(found[:, 3:].reshape(5, 3, 3), heads()["scale_tril"])
