import io

import numpy as np
import pytest

from export.errors import ExitCode, ToolError
from trainer.data.load import load
from trainer.data.portrait import draw
from trainer.prepare import probe_of
from trainer.runs.probe import Probe, read_probe, write_probe

BYTES = np.arange(3 * 2 * 4 * 5, dtype=np.uint8).reshape(3, 2, 4, 5)
NUMBERS = np.arange(3, dtype=np.int64)


def same(one, other):
    for name in ("images", "labels", "index"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name))
        assert getattr(one, name).dtype == getattr(other, name).dtype
    assert (one.attributes is None) == (other.attributes is None)
    if one.attributes is not None:
        np.testing.assert_array_equal(one.attributes, other.attributes)


@pytest.mark.parametrize("attributes", [None, np.eye(3, dtype=np.float32)], ids=["without", "with attributes"])
@pytest.mark.parametrize("images", [BYTES, np.float32([[[[-3, 7e9]]]] * 3)], ids=["images", "points"])
def test_a_probe_reads_back_as_it_was_written(tmp_path, images, attributes):
    probe = Probe(images=images, labels=NUMBERS - 1, index=NUMBERS, attributes=attributes)
    write_probe(tmp_path / "probe.npz", probe)
    same(read_probe(tmp_path / "probe.npz"), probe)
    first = (tmp_path / "probe.npz").read_bytes()
    write_probe(tmp_path / "probe.npz", probe)
    assert (tmp_path / "probe.npz").read_bytes() == first


def test_without_attributes_the_file_has_three_arrays_as_ever(tmp_path):
    write_probe(tmp_path / "probe.npz", Probe(images=BYTES, labels=NUMBERS, index=NUMBERS))
    expected = io.BytesIO()
    np.savez_compressed(expected, images=BYTES, labels=NUMBERS, index=NUMBERS)
    assert (tmp_path / "probe.npz").read_bytes() == expected.getvalue()


def test_pixels_are_bytes_divided_by_255_and_points_are_as_they_are():
    probe = Probe(images=BYTES, labels=NUMBERS, index=NUMBERS)
    np.testing.assert_array_equal(probe.pixels(), BYTES / np.float32(255))
    points = np.float32([[[[-3, 7]]]] * 3)
    probe = Probe(images=points, labels=NUMBERS, index=NUMBERS)
    np.testing.assert_array_equal(probe.pixels(), points)
    assert probe.pixels() is not points


@pytest.mark.parametrize(
    "wrong",
    [
        {"images": BYTES.astype(np.int64)},
        {"images": BYTES[0]},
        {"images": np.zeros((65, 1, 2, 2), np.uint8)},
        {"images": np.float32([[[[np.nan, 0]]]] * 3)},
        {"labels": NUMBERS[:2]},
        {"index": np.zeros(3)},
        {"attributes": np.zeros((2, 6), np.float32)},
        {"attributes": np.zeros(3, np.float32)},
        {"attributes": np.zeros((3, 6))},
        {"attributes": np.full((3, 6), np.inf, np.float32)},
        {"attributes": np.array([[{}]] * 3)},
    ],
    ids=lambda wrong: next(iter(wrong)),
)
def test_what_is_no_probe_is_damaged(tmp_path, wrong):
    arrays = {"images": BYTES, "labels": NUMBERS, "index": NUMBERS} | wrong
    np.savez(tmp_path / "probe.npz", **arrays)
    with pytest.raises(ToolError, match="cannot be read") as caught:
        read_probe(tmp_path / "probe.npz")
    assert caught.value.exit_code == ExitCode.DAMAGED


def test_every_truncation_is_an_error_message(tmp_path):
    path = tmp_path / "probe.npz"
    write_probe(path, Probe(images=BYTES, labels=NUMBERS, index=NUMBERS, attributes=np.eye(3, dtype=np.float32)))
    whole = path.read_bytes()
    for length in range(0, len(whole), 37):
        path.write_bytes(whole[:length])
        with pytest.raises(ToolError, match="cannot be read"):
            read_probe(path)


def test_the_probe_of_faces_knows_their_attributes():
    test = load("faces").test
    probe = probe_of(test)
    assert len(probe.images) == 64
    np.testing.assert_array_equal(draw(probe.attributes), probe.images)
    np.testing.assert_array_equal(test.images[probe.index], probe.images)


def test_the_probe_of_points_is_exact():
    test = load("moons").test
    probe = probe_of(test, points=True)
    assert probe.images.dtype == np.float32
    np.testing.assert_array_equal(test.images[probe.index], probe.images)
    assert np.bincount(probe.labels).tolist() == [32, 32]
    assert probe.attributes is None


def test_the_probe_is_the_same_whether_the_images_are_in_memory_or_in_their_file(tmp_path, monkeypatch):
    np.save(tmp_path / "a.npy", np.random.default_rng(0).integers(0, 256, (900, 3, 4), dtype=np.uint8))
    held = probe_of(load(str(tmp_path / "a.npy")).test)
    monkeypatch.setenv("AETUI_RESIDENT_BYTES", "0")
    same(probe_of(load(str(tmp_path / "a.npy")).test), held)


def test_a_lone_array_is_no_probe(tmp_path):
    np.save(tmp_path / "probe.npy", BYTES)
    with pytest.raises(ToolError, match="cannot be read"):
        read_probe(tmp_path / "probe.npy")
