"""Zooming and panning along an axis."""

from __future__ import annotations

import pytest

from aetui.latent.window import ALL, CLOSEST, WIDEST, moved, zoomed


def test_zooming_leaves_one_place_where_it_is() -> None:
    found = zoomed((0.2, 0.6), 0.25, 2)
    assert found == pytest.approx((0.25, 0.45))
    low, high = found or (0, 0)
    assert low + 0.25 * (high - low) == pytest.approx(0.2 + 0.25 * 0.4)
    assert zoomed((0.25, 0.45), 0.25, 0.5) == pytest.approx((0.2, 0.6))


def test_zooming_ends() -> None:
    assert zoomed((0, CLOSEST * 1.5), 0.5, 2) is None
    assert zoomed((0, WIDEST / 1.5), 0.5, 0.5) is None


def test_panning_goes_by_a_share_and_ends() -> None:
    assert moved(ALL, 0.125) == pytest.approx((0.125, 1.125))
    assert moved((0.0, 0.5), -0.5) == pytest.approx((-0.25, 0.25))
    assert moved((WIDEST, WIDEST + 1), 0.125) == (WIDEST, WIDEST + 1)
