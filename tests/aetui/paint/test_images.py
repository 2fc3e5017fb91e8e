from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from rich.color import EIGHT_BIT_PALETTE

from aetui.paint.cells import lines
from aetui.paint.images import (
    RAMP,
    Signed,
    as_pixels,
    ascii_lines,
    characters,
    difference,
    half_blocks,
    paint_image,
    paint_images,
    size_of,
)
from aetui.paint.look import Depth, Look
from aetui.paint.resize import fit, resize

LOOKS = [
    *(Look(depth=depth) for depth in ("truecolor", "256", "16")),
    *(Look(pixels="characters", depth=depth) for depth in ("truecolor", "256", "16", "mono")),
    Look(depth="truecolor", exact=True),
    Look(pixels="characters", depth="mono", unicode=False, dark=False),
]

images = hnp.arrays(
    np.float32,
    st.tuples(st.sampled_from([1, 2, 3]), st.integers(1, 9), st.integers(1, 9)),
    elements=st.floats(-1, 2, width=32) | st.sampled_from([np.nan, np.inf, -np.inf]),
)


@given(image=images, columns=st.integers(1, 30), rows=st.integers(1, 20), look=st.sampled_from(LOOKS))
def test_any_image_fits_into_any_rectangle(image: npt.NDArray[np.float32], columns: int, rows: int, look: Look) -> None:
    cells = paint_image(image, columns, rows, look)
    assert 1 <= cells.rows <= rows
    assert 1 <= cells.columns <= columns
    assert (cells.columns, cells.rows) == size_of(*image.shape[1:], columns, rows, look)
    if not look.unicode:
        assert all(line.isascii() for line in lines(cells))


several = st.tuples(st.integers(1, 4), st.sampled_from([1, 2, 3]), st.integers(1, 9), st.integers(1, 9)).flatmap(
    lambda shape: hnp.arrays(np.float32, shape, elements=st.floats(-1, 2, width=32))
)


@given(images=several, columns=st.integers(1, 30), rows=st.integers(1, 20), look=st.sampled_from(LOOKS))
def test_images_at_once_are_what_each_is_by_itself(
    images: npt.NDArray[np.float32], columns: int, rows: int, look: Look
) -> None:
    each = [paint_image(image, columns, rows, look) for image in images]
    for at_once in (paint_images(images, columns, rows, look), paint_images(list(images), columns, rows, look)):
        assert len(at_once) == len(each)
        assert all(one.same(other) for one, other in zip(at_once, each, strict=True))


def test_images_of_several_kinds_are_drawn_side_by_side() -> None:
    image = np.random.default_rng(0).random((1, 6, 6), np.float32)
    mixed = [image, Signed(image[0] - 0.5), image[0], image[:, :3], (image * 255).astype(np.uint8)]
    for one, cells in zip(mixed, paint_images(mixed, 6, 3, Look()), strict=True):
        assert cells.same(paint_image(one, 6, 3, Look()))
    assert paint_images([], 6, 3, Look()) == []


def test_half_blocks_show_the_very_pixels() -> None:
    image = np.random.default_rng(0).random((1, 28, 28), np.float32)
    cells = paint_image(image, 28, 14, Look())
    assert (cells.rows, cells.columns) == (14, 28)
    top = np.where(cells.characters == " ", cells.background, cells.foreground)
    shown = np.stack([top, cells.background], axis=1).reshape(28, 28)
    gray = np.array([EIGHT_BIT_PALETTE[number][0] for number in range(256)]) / 255
    assert np.abs(gray[shown] - image[0]).max() <= 0.5 * 17 / 255 + 1e-6


def test_an_odd_number_of_rows_ends_in_the_default_background() -> None:
    cells = half_blocks(np.ones((1, 3, 2), np.float32), Look())
    assert lines(cells) == ["  ", "▀▀"]
    assert cells.background[1].tolist() == [-1, -1]


@pytest.mark.parametrize("depth", ["truecolor", "256", "16"])
def test_colour_images_keep_their_hue(depth: Depth) -> None:
    red = np.zeros((3, 2, 1), np.float32)
    red[0] = 1
    colour = int(half_blocks(red, Look(depth=depth)).background[0, 0])
    assert colour in {1 << 24 | 255 << 16, 196, 1}


def test_more_light_is_more_ink_on_a_dark_background_and_less_on_a_light_one() -> None:
    ramp = np.linspace(0, 1, 10, dtype=np.float32)[None, None]
    dark = characters(ramp, Look(pixels="characters", depth="mono", dark=True))
    light = characters(ramp, Look(pixels="characters", depth="mono", dark=False))
    assert lines(dark) == [RAMP]
    assert lines(light)[0][0] == RAMP[-1]
    assert lines(light)[0][-1] == RAMP[0]


def test_ascii_lines_are_as_wide_as_asked() -> None:
    image = np.array([[0.0, 1.0], [0.5, 0.0]], np.float32)
    assert ascii_lines(image, width_per_pixel=1) == [" @", "+ "]
    assert ascii_lines(image) == ["  @@", "++  "]


def test_bytes_are_divided_by_255_and_what_is_not_a_number_is_black() -> None:
    assert as_pixels(np.array([[0, 255]], np.uint8)).tolist() == [[[0.0, 1.0]]]
    assert as_pixels(np.array([[np.nan, np.inf, -np.inf, 1e300]])).tolist() == [[[0.0, 1.0, 0.0, 1.0]]]


def test_an_array_that_is_no_image_is_refused() -> None:
    with pytest.raises(ValueError, match=r"\[C, H, W\]"):
        as_pixels(np.zeros(3))


def test_an_image_without_pixels_paints_nothing() -> None:
    assert paint_image(np.zeros((1, 0, 4)), 10, 10, Look()).rows == 0


def test_a_difference_is_black_where_nothing_differs_and_signed_elsewhere() -> None:
    signed = difference(np.array([[0.5, 1.0, 0.0]]), np.array([[0.5, 0.5, 0.5]]), limit=0.5)
    assert signed.values.tolist() == [[0.0, 1.0, -1.0]]
    cells = paint_image(Signed(np.array([[0, 1, -1], [0, 1, -1]], np.float32)), 3, 1, Look())
    assert cells.background[0].tolist() == [16, 226, 51]
    plain = paint_image(signed, 6, 1, Look(pixels="characters", depth="mono", unicode=False))
    assert lines(plain) == ["  ##oo"]


@given(image=images, rows=st.integers(1, 30), columns=st.integers(1, 30))
def test_resizing_stays_within_the_range_of_the_image(image: npt.NDArray[np.float32], rows: int, columns: int) -> None:
    pixels = as_pixels(image)
    found = resize(pixels, rows, columns)
    assert found.shape == (len(pixels), rows, columns)
    assert found.min() >= pixels.min() - 1e-6
    assert found.max() <= pixels.max() + 1e-6


@given(size=st.integers(1, 12), factor=st.integers(1, 5))
def test_shrinking_is_the_mean_and_undoes_growing(size: int, factor: int) -> None:
    small = np.random.default_rng(size).random((1, size, size), np.float32)
    large = resize(small, size * factor, size * factor)
    np.testing.assert_array_equal(large, small.repeat(factor, axis=1).repeat(factor, axis=2))
    np.testing.assert_allclose(resize(large, size, size), small, atol=1e-6)
    any_size = resize(large, max(1, size - 1), size + 3)
    shrunk = resize(large, max(1, size - 1), size * factor)
    np.testing.assert_allclose(shrunk.mean(), large.mean(), rtol=1e-4)
    assert any_size.shape == (1, max(1, size - 1), size + 3)


@given(st.integers(1, 40), st.integers(1, 40), st.integers(1, 60), st.integers(1, 60))
def test_the_fitted_size_keeps_the_shape_and_fits(height: int, width: int, rows: int, columns: int) -> None:
    high, wide = fit(height, width, rows, columns)
    assert 1 <= high <= rows
    assert 1 <= wide <= columns
    if high >= height and wide >= width:
        assert high % height == 0
        assert high // height == wide // width
