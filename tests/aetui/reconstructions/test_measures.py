"""MSE, PSNR and SSIM, against closed forms and against another implementation of the blurring."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from aetui.reconstructions.measures import badness, better, measure, mse, psnr, ssim, written


def test_mse_and_psnr_of_a_constant_shift_are_known() -> None:
    x = np.full((2, 3, 5, 5), 0.25, np.float32)
    error = mse(x + np.array([0.1, 0.01], np.float32)[:, None, None, None], x)
    assert error == pytest.approx([0.01, 0.0001], rel=1e-5)
    assert psnr(error) == pytest.approx([20.0, 40.0], rel=1e-5)
    assert psnr([0.0]) == math.inf
    assert np.array_equal(measure("psnr", x + 0.1, x), psnr(mse(x + 0.1, x)))


def test_ssim_of_constant_images_has_only_the_term_of_their_brightness() -> None:
    a, b = np.full((1, 1, 16, 16), 0.8), np.full((1, 1, 16, 16), 0.4)
    assert ssim(a, b) == pytest.approx([(2 * 0.8 * 0.4 + 1e-4) / (0.8**2 + 0.4**2 + 1e-4)])


def test_ssim_is_one_for_the_same_image_and_low_for_its_negative() -> None:
    x = np.random.default_rng(0).random((3, 3, 20, 30))
    assert ssim(x, x) == pytest.approx([1, 1, 1])
    assert (ssim(1 - x, x) < 0).all()


def test_ssim_agrees_with_scipys_blurring() -> None:
    random = np.random.default_rng(1)
    a, b = random.random((28, 31)), random.random((28, 31))

    def blurred(image: np.ndarray) -> np.ndarray:
        return gaussian_filter(image, 1.5, truncate=3.5)[5:-5, 5:-5]

    mean_a, mean_b = blurred(a), blurred(b)
    var_a, var_b, both = blurred(a * a) - mean_a**2, blurred(b * b) - mean_b**2, blurred(a * b) - mean_a * mean_b
    alike = (2 * mean_a * mean_b + 1e-4) * (2 * both + 9e-4)
    expected = (alike / ((mean_a**2 + mean_b**2 + 1e-4) * (var_a + var_b + 9e-4))).mean()
    assert ssim(a[None, None], b[None, None]) == pytest.approx([expected], rel=1e-9)


@pytest.mark.parametrize("shape", [(1, 1), (1, 2), (3, 8), (8, 8), (2, 40)])
def test_ssim_works_for_images_smaller_than_its_window(shape: tuple[int, int]) -> None:
    x = np.random.default_rng(2).random((2, 1, *shape))
    assert ssim(x, x) == pytest.approx([1, 1])


def test_what_is_better_depends_on_the_measure_and_nan_never_is() -> None:
    assert better("mse", 0.1, 0.2)
    assert better("psnr", 20, 10)
    assert better("ssim", 0.9, 0.5)
    assert not better("mse", math.nan, 0.2)
    assert not better("ssim", math.nan, 0.2)
    assert badness("mse", [0.1, math.nan]).tolist() == [0.1, math.inf]
    assert badness("ssim", [0.9, 0.2]).tolist() == [-0.9, -0.2]


def test_values_are_written_shortly_and_small_ones_with_their_power() -> None:
    assert written("mse", 0.01234) == "mse 0.0123"
    assert written("mse", 0.000095) == "mse 9.5e-5"
    assert written("mse", 0.0) == "mse 0.0000"
    assert written("psnr", 19.14) == "19.1 dB"
    assert written("ssim", 0.8344) == "ssim 0.834"
    assert written("ssim", 0.8344, room=8) == "0.834"
