from __future__ import annotations

import itertools

import numpy as np
import pytest
from rich.color import EIGHT_BIT_PALETTE, STANDARD_PALETTE

from aetui.paint.colours import (
    GRAYS,
    components,
    is_exact,
    quantize_gray,
    quantize_rgb,
    quantize_signed,
    quiet_colour,
    rgb,
    series_colour,
)
from aetui.paint.look import Depth, Look

PALETTE = np.array([tuple(EIGHT_BIT_PALETTE[number]) for number in range(256)], np.float64) / 255
CUBE_GRAYS = [59, 102, 145, 188]
CONSOLE = np.array([tuple(STANDARD_PALETTE[number]) for number in range(16)], np.float64) / 255


def test_every_gray_of_the_palette_maps_to_itself() -> None:
    values = PALETTE[GRAYS, 0].astype(np.float32)
    np.testing.assert_array_equal(quantize_gray(values, "256"), GRAYS)


def test_grays_are_the_nearest_of_the_palette() -> None:
    values = np.linspace(0, 1, 1001, dtype=np.float32)
    found = PALETTE[quantize_gray(values, "256"), 0]
    nearest = np.abs(values[:, None] - PALETTE[GRAYS, 0][None]).min(axis=1)
    np.testing.assert_allclose(np.abs(values - found), nearest, atol=1e-6)


def test_rgb_is_the_nearest_of_cube_and_grays() -> None:
    pixels = np.random.default_rng(0).random((3, 500), np.float32)
    found = quantize_rgb(pixels, "256")
    distance = ((pixels.T[:, None] - PALETTE[None, 16:]) ** 2).sum(axis=2)
    chosen = ((pixels.T - PALETTE[found]) ** 2).sum(axis=1)
    own_grays = np.isin(distance.argmin(axis=1) + 16, CUBE_GRAYS)
    # The gray is searched by brightness, the cube per channel: exact but for ties of rounding.
    np.testing.assert_allclose(chosen[~own_grays], distance.min(axis=1)[~own_grays], atol=1e-5)
    assert own_grays.any()
    assert not np.isin(found, CUBE_GRAYS).any()  # Rich cannot send them: a gray of the ramp is as good to the eye
    assert (chosen[own_grays] ** 0.5 - distance.min(axis=1)[own_grays] ** 0.5).max() < 0.05


@pytest.mark.parametrize("grays", [2, 7, 13, 26])
def test_fewer_grays_are_spread_from_black_to_white(grays: int) -> None:
    found = quantize_gray(np.linspace(0, 1, 2000, dtype=np.float32), "256", grays=grays)
    places = np.flatnonzero(np.isin(GRAYS, found))
    assert len(places) == grays
    assert (places[0], places[-1]) == (0, 25)
    assert np.ptp(np.diff(places)) <= 1
    assert (np.diff(PALETTE[found, 0]) >= 0).all()


def test_16_colours_are_the_nearest_of_the_console() -> None:
    pixels = np.random.default_rng(1).random((3, 4, 5), np.float32)
    found = quantize_rgb(pixels, "16")
    assert found.shape == (4, 5)
    distance = ((pixels[:, None] - CONSOLE.T[:, :, None, None]) ** 2).sum(axis=0)
    np.testing.assert_array_equal(found, distance.argmin(axis=0))


def test_exact_colours_give_back_their_components() -> None:
    assert components(rgb(1, 2, 3)) == (1, 2, 3)
    assert is_exact(rgb(0, 0, 0))
    assert not is_exact(255)
    pixels = np.array([0, 128 / 255, 1], np.float32)
    assert [components(int(one)) for one in quantize_gray(pixels, "truecolor", exact=True)] == [
        (0, 0, 0),
        (128, 128, 128),
        (255, 255, 255),
    ]


@pytest.mark.parametrize("depth", ["256", "16"])
def test_signed_values_differ_by_sign_and_grow_away_from_black(depth: Depth) -> None:
    found = quantize_signed(np.linspace(-1, 1, 201, dtype=np.float32), depth)
    runs = [colour for colour, _ in itertools.groupby(found.tolist())]
    assert len(runs) == len(set(runs)) == (21 if depth == "256" else 7)
    middle = runs[len(runs) // 2]
    assert PALETTE[middle].tolist() == [0, 0, 0]
    assert all(PALETTE[colour][2] > 0 for colour in runs[: len(runs) // 2])
    assert all(PALETTE[colour][0] > 0 for colour in runs[len(runs) // 2 + 1 :])


@pytest.mark.parametrize("depth", ["truecolor", "256", "16"])
@pytest.mark.parametrize("dark", [True, False])
def test_series_colours_differ_from_each_other_and_from_their_faint_ones(depth: Depth, dark: bool) -> None:
    look = Look(depth=depth, dark=dark)
    colours = [series_colour(index, look) for index in range(8)]
    assert len(set(colours)) == 8
    assert all(series_colour(index, look, faint=True) != colour for index, colour in enumerate(colours))
    assert series_colour(8, look) == colours[0]


def test_without_colours_everything_is_the_default() -> None:
    look = Look(depth="mono")
    assert {series_colour(3, look), series_colour(3, look, faint=True), quiet_colour(look)} == {-1}
