"""An .npy that is larger than what memory is given: its images stay in the file."""

import os
import subprocess
import sys

import numpy as np
import pytest

from export.errors import ExitCode, ToolError
from trainer.data.load import load

RNG = np.random.default_rng(5)
BYTES = RNG.integers(0, 256, (300, 7, 6), dtype=np.uint8)
RGB = RNG.integers(0, 256, (300, 5, 4, 3), dtype=np.uint8)


@pytest.fixture
def saved(tmp_path, monkeypatch):
    """``saved(array)`` → the path of its .npy, on a machine that has no memory to spare for it."""

    def save(array):
        np.save(tmp_path / "a.npy", array)
        monkeypatch.setenv("AETUI_RESIDENT_BYTES", "100")
        return tmp_path / "a.npy"

    return save


@pytest.mark.parametrize(
    "array",
    [
        BYTES,
        BYTES[:, None],
        RGB,
        RGB.transpose(0, 3, 1, 2).copy(),
        BYTES.reshape(300, 42),
        BYTES / 255,
        (BYTES / 255).astype(">f4"),
        RNG.normal(size=(300, 3)),
    ],
    ids=["NHW", "N1HW", "NHWC", "NCHW", "Nd", "float64", "big-endian", "points"],
)
def test_the_images_are_the_same_as_from_memory(saved, monkeypatch, array):
    path = saved(array)
    mapped = load(str(path))
    monkeypatch.delenv("AETUI_RESIDENT_BYTES")
    held = load(str(path))
    assert held.train.resident
    assert not mapped.train.resident
    assert mapped.validation.resident
    assert mapped.test.resident
    assert mapped.image_shape == held.image_shape
    assert mapped.points == held.points
    for name in ("train", "validation", "test"):
        one, other = getattr(mapped, name), getattr(held, name)
        np.testing.assert_array_equal(one.index, other.index)
        np.testing.assert_array_equal(one.labels, other.labels)
        everything = np.arange(len(one))
        assert one.rows(everything).dtype == other.images.dtype
        np.testing.assert_array_equal(one.rows(everything), other.images)
        np.testing.assert_array_equal(one.pixels(everything), other.pixels())
        np.testing.assert_array_equal(one.mean_image(), other.mean_image())


def test_rows_come_in_the_order_asked_for_and_may_be_written_to(saved):
    train = load(str(saved(BYTES))).train
    numbers = np.array([7, 3, 3, len(train) - 1, 0])
    rows = train.rows(numbers)
    np.testing.assert_array_equal(rows[:, 0], BYTES[train.index[numbers]])
    assert rows.flags.c_contiguous
    assert rows.flags.writeable
    assert train.rows(np.array([], np.int64)).shape == (0, 1, 7, 6)
    np.testing.assert_array_equal(train.pixels(slice(5, 9)), train.pixels(np.arange(5, 9)))


def test_all_of_them_at_once_are_refused(saved):
    with pytest.raises(ValueError, match="do not fit into memory"):
        load(str(saved(BYTES))).train.pixels()


def test_a_split_in_memory_gathers_rows_too():
    train = load("digits").train
    numbers = np.array([9, 2, 2])
    np.testing.assert_array_equal(train.rows(numbers), train.images[numbers])
    assert train.resident


def test_a_sample_is_spread_over_all_images(saved):
    train = load(str(saved(BYTES))).train
    assert train.sample(3).tolist() == [0, (len(train) - 1) // 2, len(train) - 1]
    np.testing.assert_array_equal(train.sample(10_000), np.arange(len(train)))


@pytest.mark.parametrize(
    ("value", "says"), [(float("nan"), "not a number"), (float("inf"), "not a number"), (1.5, "outside [0, 1]")]
)
def test_a_pixel_that_nobody_had_looked_at_is_found_when_it_is_read(saved, value, says):
    array = np.full((3000, 4, 4), 0.5)
    train = load(str(saved(array))).train
    seen = np.linspace(0, 2999, 1000).astype(int)
    unseen = next(row for row in train.index if row not in seen)
    array[unseen, 1, 2] = value
    train = load(str(saved(array))).train
    train.rows(np.flatnonzero(train.index < unseen))
    with pytest.raises(ToolError) as caught:
        train.rows(np.flatnonzero(train.index >= unseen))
    assert says in caught.value.what
    assert f"image {unseen}" in caught.value.what
    assert caught.value.exit_code == ExitCode.USAGE


def test_a_wrong_pixel_that_is_looked_at_first_is_found_at_the_start(saved):
    array = np.full((300, 4, 4), 0.5)
    array[0] = 255
    with pytest.raises(ToolError, match="outside"):
        load(str(saved(array)))


def test_fortran_order_is_refused_since_an_image_would_be_all_over_the_file(saved):
    with pytest.raises(ToolError, match="do not lie one after the other") as caught:
        load(str(saved(np.asfortranarray(BYTES))))
    assert "ascontiguousarray" in caught.value.do
    assert caught.value.exit_code == ExitCode.USAGE


def test_a_file_that_is_cut_off_while_it_is_used_is_an_error_and_no_crash(saved):
    path = saved(BYTES)
    train = load(str(path)).train
    os.truncate(path, 4000)
    with pytest.raises(ToolError, match="cannot be read") as caught:
        train.rows(np.arange(len(train)))
    assert caught.value.exit_code == ExitCode.DAMAGED


@pytest.mark.parametrize("count", [0, 9])
def test_too_few_images_are_too_few_in_a_file_as_well(saved, count):
    with pytest.raises(ToolError, match=f"too few images: {count}"):
        load(str(saved(BYTES[:count])))


@pytest.mark.parametrize("value", ["much", "-1", "1e9"])
def test_a_limit_that_is_no_number_is_an_error_message(tmp_path, monkeypatch, value):
    np.save(tmp_path / "a.npy", BYTES)
    monkeypatch.setenv("AETUI_RESIDENT_BYTES", value)
    with pytest.raises(ToolError, match="AETUI_RESIDENT_BYTES"):
        load(str(tmp_path / "a.npy"))


def test_a_file_larger_than_memory_is_trained_from_in_a_small_part_of_it(tmp_path):
    """12 GB of images (a hole, which takes no space) in a process that may have half a gigabyte for itself."""
    np.lib.format.open_memmap(tmp_path / "a.npy", "w+", np.uint8, (1_000_000, 3, 64, 64)).flush()
    script = (
        "import resource, sys, numpy as np; from trainer.data.load import load\n"
        "resource.setrlimit(resource.RLIMIT_DATA, (512 << 20,) * 2)\n"
        "train = (data := load(sys.argv[1])).train\n"
        "random = np.random.default_rng(0)\n"
        "for _ in range(50): assert train.rows(random.integers(0, len(train), 128)).shape == (128, 3, 64, 64)\n"
        "train.mean_image()\n"
        # Not ru_maxrss, which begins with what the parent had.
        "peak = next(line.split()[1] for line in open('/proc/self/status') if line.startswith('VmHWM'))\n"
        "print(len(train), len(data.validation), len(data.test), peak)"
    )
    environment = os.environ | {"OPENBLAS_NUM_THREADS": "1", "AETUI_RESIDENT_BYTES": str(1 << 30)}
    ended = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path / "a.npy")],
        capture_output=True, text=True, env=environment,
    )  # fmt: skip
    assert not ended.returncode, ended.stderr
    *counts, peak_kb = map(int, ended.stdout.split())
    assert counts == [855_000, 10_000, 10_000]
    assert peak_kb < 700_000
