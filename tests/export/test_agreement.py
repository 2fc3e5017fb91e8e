"""What is rounding, and what is a difference."""

from __future__ import annotations

import math

import numpy as np
import pytest

from export.agreement import compare

VALUES = np.linspace(-2, 2, 784, dtype=np.float32).reshape(8, 98)


def excessive(found, wanted=VALUES, precision="fp32", **more):
    return compare(found, wanted, precision, **more).excessive


@pytest.mark.parametrize(("precision", "limit"), [("fp32", 1e-5 + 1e-4 * 2), ("fp16", 2e-3 * 3), ("int8", 2 * 2 / 255)])
def test_the_limit_grows_with_the_largest_value(precision, limit):
    wanted = VALUES.astype(np.float64)
    assert not excessive(wanted + limit * 0.999, wanted, precision)
    assert excessive(wanted + limit * 1.001, wanted, precision)


def test_one_wrong_value_is_enough_in_floats_and_rounding_in_int8():
    found = VALUES.copy()
    found[3, 50] += 10 * 2 / 255
    assert excessive(found)
    assert excessive(found, precision="fp16")
    assert not excessive(found, precision="int8")
    assert compare(found, VALUES, "int8").largest == pytest.approx(20 / 255, rel=1e-5)


def test_the_scale_may_come_from_more_values_than_are_compared():
    near_zero = np.full((1, 3), 1e-3, np.float32)
    assert excessive(near_zero + np.float32(5e-5), near_zero)
    assert not excessive(near_zero + np.float32(5e-5), near_zero, scale=2.0)


def test_bytes_may_be_off_by_one():
    wanted = np.array([[0, 7, 255]], np.uint8)
    assert not excessive(np.array([[1, 6, 254]], np.uint8), wanted)
    assert compare(np.array([[1, 6, 254]], np.uint8), wanted).largest == 1
    assert excessive(np.array([[2, 7, 255]], np.uint8), wanted)
    assert excessive(np.array([[255, 7, 255]], np.uint8), wanted)  # no wrapping round
    assert excessive(np.array([4], np.int64), np.array([3], np.int64))


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("precision", ["fp32", "fp16", "int8"])
def test_what_is_not_a_number_never_agrees(bad, precision):
    found = VALUES.copy()
    found[0, 0] = bad
    for pair in ((found, VALUES), (VALUES, found), (found, found)):
        assert compare(*pair, precision) == compare(VALUES, np.zeros(3))
        assert compare(*pair, precision).largest == math.inf


def test_nothing_agrees_with_nothing_of_the_same_shape():
    assert compare(np.zeros((0, 3)), np.zeros((0, 3)), "int8") == compare(VALUES, VALUES)
    assert compare(np.zeros((0, 4)), np.zeros((0, 3))).excessive
