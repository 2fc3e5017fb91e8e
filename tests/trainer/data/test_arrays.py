import os
import struct
import subprocess
import sys
import time
import zipfile

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from export.errors import ExitCode, ToolError
from trainer.data.load import load

from .small_arrays import GRAY, RGB, RNG, all_of, refusal, save


@pytest.mark.parametrize("name", ["a.npy", "stored.npz", "compressed.npz"])
@pytest.mark.parametrize(
    ("array", "images"),
    [
        (GRAY, GRAY[:, None]),
        (GRAY[:, None], GRAY[:, None]),
        (GRAY[..., None], GRAY[:, None]),
        (RGB, RGB),
        (RGB.transpose(0, 2, 3, 1), RGB),
        (np.asfortranarray(RGB), RGB),
        (GRAY.reshape(30, 42), GRAY.reshape(30, 1, 1, 42)),
        (RGB[..., :3, :3], RGB[..., :3, :3]),
    ],
    ids=["NHW", "N1HW", "NHW1", "NCHW", "NHWC", "Fortran", "Nd", "N333 is NCHW"],
)
def test_every_shape_becomes_nchw(tmp_path, name, array, images):
    data = load(save(tmp_path / name, array))
    np.testing.assert_array_equal(all_of(data, "images"), images)
    assert data.image_shape == images.shape[1:]
    for split in (data.train, data.validation, data.test):
        assert type(split.images) is np.ndarray
        assert split.images.dtype == np.uint8
        assert split.images.flags.c_contiguous
        assert split.images.flags.writeable


@pytest.mark.parametrize("name", ["a.npy", "stored.npz"])
@pytest.mark.parametrize("dtype", ["<f2", "<f4", "<f8", ">f4", ">f8"])
def test_floats_become_float32(tmp_path, name, dtype):
    array = (GRAY / 255).astype(dtype)
    images = all_of(load(save(tmp_path / name, array)), "images")
    assert images.dtype == np.dtype(np.float32)
    assert images.dtype.isnative
    np.testing.assert_array_equal(images[:, 0], array.astype(np.float32))


def test_floats_larger_than_one_piece_are_converted_whole(tmp_path, monkeypatch):
    monkeypatch.setattr("trainer.data.arrays._PIECE_BYTES", 7 * 7 * 6 * 4)
    np.save(tmp_path / "a.npy", GRAY / 255)
    found = all_of(load(str(tmp_path / "a.npy")), "images")[:, 0]
    np.testing.assert_array_equal(found, (GRAY / 255).astype(np.float32))


def test_without_labels_there_are_none(tmp_path):
    data = load(save(tmp_path / "a.npy", GRAY))
    assert (all_of(data, "labels") == -1).all()
    assert data.classes == ()
    assert data.name == "a"


@pytest.mark.parametrize(
    ("labels", "classes", "expected"),
    [
        (np.arange(30) % 3, ("0", "1", "2"), np.arange(30) % 3),
        (np.arange(30, dtype=np.uint8) % 2 * 5 + 2, ("2", "7"), np.arange(30) % 2),
        (np.where(np.arange(30) < 4, -1, 8), ("8",), np.where(np.arange(30) < 4, -1, 0)),
        (np.array(["dog", "cat"] * 15), ("cat", "dog"), 1 - np.arange(30) % 2),
    ],
    ids=["0 1 2", "with gaps", "some have none", "text"],
)
def test_labels_become_indices_of_class_names(tmp_path, labels, classes, expected):
    np.savez(tmp_path / "a.npz", images=GRAY, labels=labels)
    data = load(str(tmp_path / "a.npz"))
    assert data.classes == classes
    np.testing.assert_array_equal(all_of(data, "labels"), expected)


@pytest.mark.parametrize("name", ["a.npy", "stored.npz"])
@pytest.mark.parametrize(
    ("array", "says"),
    [
        (np.zeros(30, np.uint8), "[30]"),
        (np.uint8(3), "[]"),
        (np.zeros((30, 2, 8, 8), np.uint8), "[30, 2, 8, 8]"),
        (np.zeros((30, 1, 2, 3, 3), np.uint8), "[30, 1, 2, 3, 3]"),
        (np.zeros((30, 0, 8), np.uint8), "[30, 0, 8]"),
        (np.zeros((30, 8, 8), np.int64), "int64"),
        (np.zeros((30, 8, 8), complex), "complex128"),
        (np.zeros((30, 8, 8), [("a", "u1")]), "'a'"),
        (np.zeros((30, 8, 8), "U3"), "<U3"),
    ],
    ids=str,
)
def test_a_wrong_shape_or_dtype_is_refused(tmp_path, name, array, says):
    save(tmp_path / name, array)
    assert says in refusal(tmp_path / name, ExitCode.USAGE).what


@pytest.mark.parametrize(
    ("value", "says"),
    [(float("nan"), "not a number"), (float("inf"), "not a number"), (-0.01, "outside [0, 1]"), (255.0, "outside")],
)
def test_a_float_that_is_no_pixel_is_refused_and_its_image_named(tmp_path, value, says):
    array = np.full((30, 4, 4), 0.5)
    array[17, 2, 3] = value
    np.save(tmp_path / "a.npy", array)
    error = refusal(tmp_path / "a.npy", ExitCode.USAGE)
    assert says in error.what
    assert "image 17" in error.what


def test_a_float_beyond_float32_is_refused_without_a_warning(tmp_path):
    np.save(tmp_path / "a.npy", np.full((30, 4, 4), 1e300))
    refusal(tmp_path / "a.npy", ExitCode.USAGE)


def test_too_few_images_are_refused(tmp_path):
    np.save(tmp_path / "a.npy", GRAY[:9])
    with pytest.raises(ToolError, match="too few images: 9"):
        load(str(tmp_path / "a.npy"))
    np.save(tmp_path / "a.npy", GRAY[:0])
    with pytest.raises(ToolError, match="too few images: 0"):
        load(str(tmp_path / "a.npy"))


@pytest.mark.parametrize("labels", [np.zeros(29, int), np.zeros((30, 1), int), np.zeros(30), np.zeros(30, bool)])
def test_labels_that_do_not_fit_are_refused(tmp_path, labels):
    np.savez(tmp_path / "a.npz", images=GRAY, labels=labels)
    assert "labels" in refusal(tmp_path / "a.npz", ExitCode.USAGE).what


def test_an_npz_without_images_says_what_it_has(tmp_path):
    np.savez(tmp_path / "a.npz", x_train=GRAY)
    assert "x_train" in refusal(tmp_path / "a.npz", ExitCode.USAGE).why


class Payload:
    """What would run if anything were unpickled."""

    def __reduce__(self):
        return os.abort, ()


@pytest.mark.parametrize("where", ["npy", "images", "labels"])
def test_a_pickled_payload_never_runs(tmp_path, where):
    array = np.empty(30, object)
    array[:] = [Payload() for _ in range(30)]
    if where == "npy":
        path = tmp_path / "a.npy"
        np.save(path, array)
    else:
        path = tmp_path / "a.npz"
        np.savez(path, **{"images": GRAY, where: array})
    assert "pickled" in refusal(path, ExitCode.DAMAGED).why


@pytest.mark.parametrize("name", ["a.npy", "stored.npz", "compressed.npz"])
def test_every_truncation_is_an_error_message(tmp_path, name):
    save(tmp_path / name, GRAY)
    whole = (tmp_path / name).read_bytes()
    for length in [*range(0, 140, 7), *range(140, len(whole), 97), len(whole) - 1]:
        (tmp_path / name).write_bytes(whole[:length])
        refusal(tmp_path / name, ExitCode.DAMAGED)


def test_changed_bytes_of_an_npz_are_noticed(tmp_path):
    save(tmp_path / "stored.npz", GRAY)
    data = bytearray((tmp_path / "stored.npz").read_bytes())
    data[len(data) // 2] ^= 1
    (tmp_path / "stored.npz").write_bytes(data)
    assert "CRC" in refusal(tmp_path / "stored.npz", ExitCode.DAMAGED).why


def npy_header(shape, descr="'|u1'"):
    text = f"{{'descr': {descr}, 'fortran_order': False, 'shape': {shape}}}".encode()
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text) + 1) + text + b"\n"


@pytest.mark.parametrize(
    "header",
    [
        npy_header("(2000000, 2000, 2000)"),
        npy_header("(-1, 8, 8)"),
        npy_header("(" * 5000 + ")" * 4000),
        npy_header("(30, 8, 8)", "'|O'"),
        npy_header("(30, 8, 8)", "__import__('os').abort()"),
        npy_header("(True, 8.5, 'x')"),
        b"\x93NUMPY\x03\x00" + bytes(50),
        b"\x93NUMPY\x02\x00\xff\xff\xff\xff" + b"{" * 200,
        b"\x80\x04\x95 a pickle, by its first bytes",
    ],
    ids=["8 TB", "negative", "deep", "objects", "code", "odd types", "version 3", "4 GB header", "pickle"],
)
@pytest.mark.parametrize("suffix", [".npy", ".npz"])
def test_a_lying_header_costs_nothing(tmp_path, header, suffix):
    path = tmp_path / f"a{suffix}"
    content = header + bytes(1920)
    if suffix == ".npy":
        path.write_bytes(content)
    else:
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("images.npy", content)
    before = time.perf_counter()
    refusal(path, ExitCode.DAMAGED)
    assert time.perf_counter() - before < 1


def bomb(path):
    """292 kB that unpack to 300 MB of black images."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("images.npy", "w") as file:
        file.write(npy_header("(300, 1000, 1000)"))
        for _ in range(300):
            file.write(bytes(1_000_000))


def test_an_npz_bomb_is_refused_quickly_and_in_little_memory(tmp_path):
    bomb(tmp_path / "bomb.npz")
    script = (
        "import resource, sys; from export.errors import ToolError; from trainer.data.load import load\n"
        "def peak(): return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "before = peak()\n"
        "try: load(sys.argv[1])\n"
        "except ToolError as error: print(peak() - before, int(error.exit_code), error.why)"
    )
    ended = subprocess.run([sys.executable, "-c", script, str(tmp_path / "bomb.npz")], capture_output=True, text=True)
    grown_kb, code, why = ended.stdout.split(" ", 2)
    assert int(grown_kb) < 20_000
    assert int(code) == ExitCode.DAMAGED
    assert "decompression bomb" in why


def test_an_array_whose_row_numbers_alone_are_too_many_for_the_memory_is_refused(tmp_path):
    pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    header = npy_header(f"({pages}, 2, 2)")
    with open(tmp_path / "a.npy", "wb") as file:
        file.write(header)
        file.truncate(len(header) + 4 * pages)  # a hole: it takes no space
    assert "too large" in refusal(tmp_path / "a.npy", ExitCode.USAGE).what


def test_an_encrypted_npz_is_an_error_message(tmp_path):
    save(tmp_path / "stored.npz", GRAY)
    data = bytearray((tmp_path / "stored.npz").read_bytes())
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(signature) + offset] |= 1
    (tmp_path / "stored.npz").write_bytes(data)
    assert "encrypted" in refusal(tmp_path / "stored.npz", ExitCode.DAMAGED).why


def test_an_npy_is_mapped_not_read_twice(tmp_path):
    """The splits are the only copy: 80 MB of images take little more than 80 MB."""
    np.save(tmp_path / "a.npy", np.ones((20_000, 4000), np.uint8))
    script = (
        "import resource, sys; from trainer.data.load import load\n"
        "limit = resource.RLIMIT_DATA; resource.setrlimit(limit, (int(sys.argv[2]),) * 2)\n"
        "print(len(load(sys.argv[1]).train))"
    )
    used = 110 << 20  # for Python and numpy with its threads
    environment = os.environ | {"OPENBLAS_NUM_THREADS": "1"}
    ended = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path / "a.npy"), str(used + 80_000_000)],
        capture_output=True, text=True, env=environment,
    )  # fmt: skip
    assert ended.stdout == "17100\n", ended.stderr


@pytest.mark.parametrize("name", ["a.npy", "stored.npz"])
@pytest.mark.parametrize("dtype", ["<f4", "<f8", ">f2"])
def test_rows_of_floats_that_leave_the_unit_interval_are_points(tmp_path, name, dtype):
    rows = RNG.normal(size=(30, 3)).astype(dtype)
    data = load(save(tmp_path / name, rows))
    assert data.points
    assert data.image_shape == (1, 1, 3)
    assert data.train.images.dtype == np.float32
    np.testing.assert_array_equal(all_of(data, "images")[:, 0, 0], rows.astype(np.float32))


@pytest.mark.parametrize("rows", [np.linspace(0, 1, 60).reshape(30, 2), GRAY.reshape(30, 42)], ids=["float", "uint8"])
def test_rows_within_the_unit_interval_are_pixels_as_ever(tmp_path, rows):
    assert not load(save(tmp_path / "a.npy", rows)).points


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(rows=arrays(np.float32, (12, 2), elements=st.floats(width=32, allow_nan=False, allow_infinity=False)))
def test_any_finite_float32_may_be_a_coordinate(tmp_path, rows):
    data = load(save(tmp_path / "a.npy", rows))
    np.testing.assert_array_equal(all_of(data, "images")[:, 0, 0], rows)
    assert data.points == bool(((rows < 0) | (rows > 1)).any())


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf"), 1e300])
def test_a_coordinate_that_is_no_number_is_refused_and_its_point_named(tmp_path, value):
    rows = np.full((30, 2), -4.0)
    rows[11, 1] = value
    np.save(tmp_path / "a.npy", rows)
    error = refusal(tmp_path / "a.npy", ExitCode.USAGE)
    assert "not a number" in error.what
    assert "image 11" in error.what
