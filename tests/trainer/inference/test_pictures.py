"""Pictures show the pixels that they are made of."""

from __future__ import annotations

import io

import numpy as np
import PIL.Image
import pytest

from export.errors import ToolError
from trainer.inference.pictures import (
    GAP,
    beside,
    check_sheet,
    comfortable_scale,
    gif,
    magnified,
    png,
    sheet,
    to_bytes,
)


def test_floats_are_rounded_and_cut_off() -> None:
    found = to_bytes(np.array([-1, 0, 0.4999 / 255, 0.5001 / 255, 1, 2], np.float32))
    assert found.tolist() == [0, 0, 0, 1, 255, 255]


@pytest.mark.parametrize("channels", [1, 3])
def test_a_png_gives_back_the_pixels(channels: int) -> None:
    image = np.random.default_rng(0).integers(0, 256, (channels, 5, 4), dtype=np.uint8)
    found = np.asarray(PIL.Image.open(io.BytesIO(png(image))))
    np.testing.assert_array_equal(found.reshape(5, 4, channels).transpose(2, 0, 1), image)


def test_every_image_of_a_sheet_stands_in_its_place() -> None:
    images = np.random.default_rng(0).integers(0, 90, (7, 3, 4, 4), dtype=np.uint8)
    whole = sheet(images)
    assert whole.shape == (3, 3 * 4 + 2 * GAP, 3 * 4 + 2 * GAP)
    for number, image in enumerate(images):
        top, left = (4 + GAP) * (number // 3), (4 + GAP) * (number % 3)
        np.testing.assert_array_equal(whole[:, top : top + 4, left : left + 4], image)
    assert sheet(images, 7).shape == (3, 4, 7 * 4 + 6 * GAP)


def test_a_sheet_that_nothing_opens_is_refused() -> None:
    check_sheet(64, 112, 112)
    with pytest.raises(ToolError, match="100,000 images"):
        check_sheet(100_000, 112, 112)


def test_versions_stand_beside_each_other_with_a_gap() -> None:
    dark, bright = np.zeros((2, 1, 3, 4), np.float32), np.ones((2, 1, 3, 4), np.float32)
    found = beside([dark, bright])
    assert found.shape == (2, 1, 3, 4 + GAP + 4)
    assert (found[..., :4] == 0).all()
    assert (found[..., -4:] == 1).all()


def test_pixels_are_repeated_and_nothing_is_blurred() -> None:
    image = np.arange(6, dtype=np.uint8).reshape(1, 2, 3)
    assert magnified(image, 2).tolist() == [
        [[0, 0, 1, 1, 2, 2], [0, 0, 1, 1, 2, 2], [3, 3, 4, 4, 5, 5], [3, 3, 4, 4, 5, 5]]
    ]
    assert [comfortable_scale(side, 2) for side in (8, 28, 112, 500)] == [14, 4, 1, 1]


def test_a_gif_plays_there_and_back_for_ever() -> None:
    frames = np.stack([np.full((1, 4, 4), value, np.uint8) for value in (0, 60, 120, 240)])
    film = PIL.Image.open(io.BytesIO(gif(frames, 70)))
    shown = []
    for number in range(film.n_frames):
        film.seek(number)
        shown.append(int(np.asarray(film.convert("L"))[0, 0]))
        assert film.info["duration"] == 70
    assert shown == [0, 60, 120, 240, 120, 60]
    assert film.info["loop"] == 0


def test_a_gif_of_two_images_shows_each_once() -> None:
    frames = np.stack([np.full((3, 4, 4), value, np.uint8) for value in (0, 255)])
    assert PIL.Image.open(io.BytesIO(gif(frames, 70))).n_frames == 2
