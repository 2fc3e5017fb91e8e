"""Codes in files: those of others are read as well as our own; hostile ones lead nowhere."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from export.errors import ExitCode, ToolError
from trainer.inference.codes import open_codes, picture_name

CODES = np.random.default_rng(0).standard_normal((7, 3)).astype(np.float32)


def read(path: Path, size: int = 3) -> tuple[list[str], np.ndarray]:
    batches = list(open_codes(path, "latent", 3).batches(size))
    return [name for names, _ in batches for name in names], np.concatenate([codes for _, codes in batches])


def refused(path: Path) -> ToolError:
    with pytest.raises(ToolError) as caught:
        read(path)
    return caught.value


def test_arrays_of_others_are_read(tmp_path: Path) -> None:
    np.save(tmp_path / "c.npy", CODES.astype(np.float64))
    np.savez_compressed(tmp_path / "c.npz", latent=CODES)
    for name in ("c.npy", "c.npz"):
        names, codes = read(tmp_path / name)
        np.testing.assert_array_equal(codes, CODES)
        assert names == [f"c-{number:02d}" for number in range(7)]


def test_a_table_may_have_a_header_or_none_and_other_columns(tmp_path: Path) -> None:
    bare = "\n".join(",".join(map(repr, row)) for row in CODES.astype(float).tolist())
    (tmp_path / "bare.csv").write_text(bare)
    _, codes = read(tmp_path / "bare.csv")
    np.testing.assert_array_equal(codes, CODES)
    (tmp_path / "named.csv").write_text("latent_2,class,name,latent_0,latent_1\n3,cat,x/1.png,1,2\n6,dog,y.png,4,5\n")
    names, codes = read(tmp_path / "named.csv")
    assert names == ["x/1.png", "y.png"]
    assert codes.tolist() == [[1, 2, 3], [4, 5, 6]]


@pytest.mark.parametrize(
    ("text", "code", "says"),
    [
        ("name,other\nx,1\n", ExitCode.USAGE, "latent_0 to latent_2"),
        ("1,2\n3,4\n", ExitCode.USAGE, "latent_0"),
        ("1,2,3\n4,5\n", ExitCode.DAMAGED, "cannot be read"),
        ("1,2,3\n4,5,x\n", ExitCode.DAMAGED, "cannot be read"),
        ("1,2,3\n4,5,nan\n", ExitCode.USAGE, "not a number"),
    ],
)
def test_a_table_that_holds_no_codes_is_refused(tmp_path: Path, text: str, code: ExitCode, says: str) -> None:
    (tmp_path / "c.csv").write_text(text)
    error = refused(tmp_path / "c.csv")
    assert error.exit_code == code
    assert says in error.what


@pytest.mark.parametrize(
    "array",
    [
        np.zeros((4, 5), np.float32),
        np.zeros((4, 3), np.int64),
        np.zeros((4, 3, 1), np.float32),
        np.zeros(3, np.float32),
    ],
)
def test_an_array_of_another_shape_is_refused(tmp_path: Path, array: np.ndarray) -> None:
    np.save(tmp_path / "c.npy", array)
    error = refused(tmp_path / "c.npy")
    assert error.exit_code == ExitCode.USAGE
    assert str(list(array.shape)) in error.what
    assert "[n, 3]" in error.what


def test_values_that_are_not_numbers_are_refused(tmp_path: Path) -> None:
    codes = CODES.copy()
    codes[4, 1] = np.inf
    np.save(tmp_path / "c.npy", codes)
    assert "c-04" in refused(tmp_path / "c.npy").what


def test_damaged_and_pickled_files_are_refused(tmp_path: Path) -> None:
    np.save(tmp_path / "object.npy", np.array([[{}]], object), allow_pickle=True)
    np.save(tmp_path / "short.npy", CODES)
    (tmp_path / "short.npy").write_bytes((tmp_path / "short.npy").read_bytes()[:-1])
    (tmp_path / "no.npz").write_bytes(b"PK")
    for name in ("object.npy", "short.npy", "no.npz"):
        assert refused(tmp_path / name).exit_code == ExitCode.DAMAGED


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("a/b.jpg", "a/b.jpg.png"),
        ("a.png", "a.png"),
        ("/etc/passwd", "etc/passwd.png"),
        ("../../x", "x.png"),
        ("..\\x", "x.png"),
        ("..", "image.png"),
        ("a\0b", "ab.png"),
    ],
)
def test_a_name_cannot_lead_out_of_the_folder(name: str, path: str) -> None:
    assert picture_name(name) == path
