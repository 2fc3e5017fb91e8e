"""The point sets, against scikit-learn's generators."""

import numpy as np
import pytest
from sklearn.datasets import make_circles, make_moons, make_swiss_roll

from trainer.data.load import load
from trainer.data.points import circles, moons, swiss_roll


@pytest.mark.parametrize("count", [10, 11, 1000])
@pytest.mark.parametrize(
    ("made", "oracle"), [(moons, make_moons), (circles, lambda *a, **k: make_circles(*a, factor=0.5, **k))]
)
def test_moons_and_circles_are_scikit_learns(count, made, oracle):
    part = made(count)
    points, labels = oracle(count, shuffle=False, noise=0.05, random_state=465)
    np.testing.assert_allclose(part.images[:, 0, 0], points, atol=1e-6)
    np.testing.assert_array_equal(part.labels, labels)


@pytest.mark.parametrize("count", [10, 1001])
def test_the_swiss_roll_is_scikit_learns_seen_from_its_end(count):
    part = swiss_roll(count)
    points, position = make_swiss_roll(count, noise=0.25, random_state=465)
    np.testing.assert_allclose(part.images[:, 0, 0], points[:, [0, 2]], atol=1e-5)
    np.testing.assert_allclose(part.attributes[:, 0], (position / (1.5 * np.pi) - 1) / 2, atol=1e-6)


@pytest.mark.parametrize(
    ("name", "classes", "attributes"),
    [
        ("moons", ("upper moon", "lower moon"), ()),
        ("circles", ("outer circle", "inner circle"), ()),
        ("swiss-roll", (), ("along the spiral",)),
    ],
)
def test_they_are_points_in_float32_with_what_is_known_of_them(name, classes, attributes):
    data = load(name)
    assert data.points
    assert data.image_shape == (1, 1, 2)
    assert (data.name, data.classes, data.attribute_names) == (name, classes, attributes)
    assert (len(data.train), len(data.validation), len(data.test)) == (8550, 450, 1000)
    assert data.train.images.dtype == np.float32
    assert data.train.images.min() < -0.9
    assert (np.unique(data.test.labels).tolist() == [0, 1]) == bool(classes)
    np.testing.assert_array_equal(load(name).train.images, data.train.images)


def test_a_label_names_the_arc_that_a_point_lies_on():
    upper, inner = load("moons").train, load("circles").train
    radius = np.hypot(*upper.images[upper.labels == 0, 0, 0].T)
    assert abs(radius - 1).max() < 0.3
    radius = np.hypot(*inner.images[:, 0, 0].T)
    assert abs(radius - np.where(inner.labels == 0, 1, 0.5)).max() < 0.3
