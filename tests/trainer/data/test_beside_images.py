"""What an .npz may hold beside its images: a target for each, and the attributes that are known of each."""

import numpy as np
import pytest

from export.errors import ExitCode
from trainer.data.load import load

from .small_arrays import GRAY, RGB, RNG, all_of, refusal


@pytest.mark.parametrize("images", [GRAY, GRAY / 255, RGB.transpose(0, 2, 3, 1)], ids=["uint8", "float", "NHWC"])
def test_targets_are_split_along_with_the_images(tmp_path, images):
    other = images[:, ::-1]
    np.savez(tmp_path / "a.npz", images=images, targets=other)
    data = load(str(tmp_path / "a.npz"))
    np.testing.assert_array_equal(all_of(data, "targets")[:, :, ::-1], all_of(data, "images"))
    assert data.train.targets.flags.c_contiguous
    assert data.train.targets.flags.writeable


def test_points_may_have_targets_and_either_makes_them_points(tmp_path):
    rows = np.linspace(0, 1, 60).reshape(30, 2)
    np.savez(tmp_path / "a.npz", images=rows, targets=rows - 3)
    data = load(str(tmp_path / "a.npz"))
    assert data.points
    np.testing.assert_allclose(all_of(data, "targets"), all_of(data, "images") - 3, atol=1e-6)


@pytest.mark.parametrize(
    "targets", [GRAY[:29], GRAY[:, :5], GRAY / 255, RGB], ids=["fewer", "smaller", "other dtype", "other channels"]
)
def test_targets_that_do_not_fit_are_refused(tmp_path, targets):
    np.savez(tmp_path / "a.npz", images=GRAY, targets=targets)
    assert "targets" in refusal(tmp_path / "a.npz", ExitCode.USAGE).what


@pytest.mark.parametrize("dtype", ["f4", "f8", "i8", "u1", "bool"])
def test_attributes_are_split_along_with_the_images(tmp_path, dtype):
    known = (RNG.random((30, 4)) * 9).astype(dtype)
    np.savez(tmp_path / "a.npz", images=GRAY, attributes=known, attribute_names=["a", "b", "c", "d"])
    data = load(str(tmp_path / "a.npz"))
    assert data.attribute_names == ("a", "b", "c", "d")
    assert data.train.attributes.dtype == np.float32
    np.testing.assert_array_equal(all_of(data, "attributes"), known.astype(np.float32))
    np.testing.assert_array_equal(all_of(data, "images")[:, 0], GRAY)


def test_attributes_without_names_are_called_by_their_numbers(tmp_path):
    np.savez(tmp_path / "a.npz", images=GRAY, attributes=np.zeros((30, 3)))
    assert load(str(tmp_path / "a.npz")).attribute_names == ("0", "1", "2")


@pytest.mark.parametrize(
    "arrays_",
    [
        {"attributes": np.zeros((29, 2))},
        {"attributes": np.zeros(30)},
        {"attributes": np.zeros((30, 0))},
        {"attributes": np.full((30, 2), "x")},
        {"attributes": np.full((30, 2), np.nan)},
        {"attributes": np.full((30, 2), 1e300)},
        {"attribute_names": np.array(["a"])},
        {"attributes": np.zeros((30, 2)), "attribute_names": np.array(["a"])},
        {"attributes": np.zeros((30, 2)), "attribute_names": np.array(["a", "a"])},
        {"attributes": np.zeros((30, 2)), "attribute_names": np.array([1, 2])},
    ],
    ids=["fewer", "flat", "none", "text", "NaN", "beyond float32", "only names", "too few names", "twice", "numbers"],
)
def test_attributes_that_say_nothing_are_refused(tmp_path, arrays_):
    np.savez(tmp_path / "a.npz", images=GRAY, **arrays_)
    assert "attribute" in refusal(tmp_path / "a.npz", ExitCode.USAGE).what


def test_the_arrays_of_an_npz_must_fit_into_memory_together(tmp_path, monkeypatch):
    np.savez(tmp_path / "a.npz", images=GRAY, targets=GRAY)
    monkeypatch.setattr("trainer.data.limits.memory_bytes", lambda: 3 * GRAY.nbytes)
    assert "too large" in refusal(tmp_path / "a.npz", ExitCode.USAGE).what
