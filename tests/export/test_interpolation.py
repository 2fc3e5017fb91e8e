"""Ways through the latent space against their closed forms."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from export.interpolation import between

vectors = arrays(np.float32, 5, elements=st.floats(-10, 10, width=32))


@given(vectors, vectors, st.sampled_from(["linear", "slerp"]), st.integers(2, 40))
def test_a_way_begins_at_a_and_ends_at_b(a: np.ndarray, b: np.ndarray, way: str, count: int) -> None:
    found = between(a, b, count, way)  # type: ignore[arg-type]
    assert found.shape == (count, 5)
    assert found.dtype == np.float32
    assert found[0] == pytest.approx(a, abs=1e-4)
    assert found[-1] == pytest.approx(b, abs=1e-4)


def test_the_straight_way_is_the_weighted_mean() -> None:
    found = between(np.float32([0, 2]), np.float32([4, 0]), 5, "linear")
    assert found == pytest.approx(np.array([[0, 2], [1, 1.5], [2, 1], [3, 0.5], [4, 0]]))


def test_slerp_between_unit_vectors_is_the_unit_circle() -> None:
    found = between(np.float32([1, 0]), np.float32([0, 1]), 4, "slerp")
    angles = np.linspace(0, np.pi / 2, 4)
    assert found == pytest.approx(np.stack([np.cos(angles), np.sin(angles)], axis=1), abs=1e-6)


def test_slerp_changes_the_length_evenly() -> None:
    found = between(np.float32([1, 0]), np.float32([0, 3]), 5, "slerp")
    assert np.linalg.norm(found, axis=1) == pytest.approx([1, 1.5, 2, 2.5, 3], abs=1e-5)


@pytest.mark.parametrize("b", [(2, 0), (-1, 0), (0, 0)])
def test_where_there_is_no_one_great_circle_slerp_is_straight(b: tuple[float, float]) -> None:
    a, end = np.float32([1, 0]), np.float32(b)
    assert np.array_equal(between(a, end, 7, "slerp"), between(a, end, 7, "linear"))
