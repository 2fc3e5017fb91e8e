"""Scores of images: against sklearn and closed forms, and files that mean harm."""

from __future__ import annotations

import io
import pickle
import subprocess
import sys
import zipfile

import numpy as np
import pytest
from sklearn.covariance import ledoit_wolf
from sklearn.decomposition import PCA

from export.gaussian import COMPONENTS, FEW, fit_gaussian
from export.scores import (
    QUANTILES,
    ROUNDING_VARIANCE,
    Scores,
    fit_scores,
    percentile,
    pixel_variance,
    relative_errors,
    scores_from_npz,
)


def correlated(n: int, d: int, seed: int = 0) -> np.ndarray:
    random = np.random.default_rng(seed)
    mixing = random.standard_normal((d, d)) * np.geomspace(3, 0.3, d)
    return (random.standard_normal((n, d)) @ mixing + 2).astype(np.float32)


def scores(n: int = 400, d: int = 5) -> Scores:
    random = np.random.default_rng(1)
    return fit_scores(random.gamma(2, 0.01, n).astype(np.float32), correlated(n, d), random.random(n))


def member(npz: bytes, name: str, array: np.ndarray | bytes) -> bytes:
    """``npz`` with one of its arrays replaced."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(npz)) as old, zipfile.ZipFile(out, "w") as new:
        for info in old.infolist():
            content = old.read(info)
            if info.filename == f"{name}.npy":
                buffer = io.BytesIO()
                if isinstance(array, bytes):
                    buffer.write(array)
                else:
                    np.save(buffer, array)
                content = buffer.getvalue()
            new.writestr(info.filename, content)
    return out.getvalue()


@pytest.mark.parametrize(("n", "d"), [(30, 8), (3, 3), (200, 64), (500, 3), (2000, 64)])
def test_a_narrow_codes_distance_is_that_of_the_covariance_which_few_codes_shrink(n: int, d: int) -> None:
    codes, others = correlated(n, d), correlated(50, d, seed=9)
    covariance = np.cov(codes.T.astype(np.float64), bias=True)
    if n < FEW * d:
        covariance, _ = ledoit_wolf(codes.astype(np.float64))
    apart = others - codes.mean(axis=0, dtype=np.float64)
    wanted = np.sqrt(np.einsum("ni,ij,nj->n", apart, np.linalg.inv(covariance), apart))
    np.testing.assert_allclose(fit_gaussian(codes).distance(others), wanted, rtol=1e-4)


def test_a_wide_codes_distance_is_that_of_probabilistic_pca() -> None:
    codes, others = correlated(900, 150), correlated(50, 150, seed=9)
    pca = PCA(COMPONENTS, svd_solver="full").fit(codes.astype(np.float64))
    apart = others - codes.mean(axis=0, dtype=np.float64)
    covariance = pca.get_covariance() * (len(codes) - 1) / len(codes)
    wanted = np.sqrt(np.einsum("ni,ij,nj->n", apart, np.linalg.inv(covariance), apart))
    np.testing.assert_allclose(fit_gaussian(codes).distance(others), wanted, rtol=2e-3)


def test_a_dead_unit_that_wakes_is_far_but_not_infinitely_far() -> None:
    codes = correlated(300, 4)
    codes[:, 2] = 0.5
    gaussian = fit_gaussian(codes)
    usual = codes.mean(axis=0)
    woken = usual + np.array([0, 0, 4, 0], np.float32)
    near, far = gaussian.distance(np.stack([usual, woken]))
    assert near < 0.01
    assert 10 < far < 1e6


def test_codes_that_are_all_the_same_have_a_distance() -> None:
    codes = np.full((10, 3), 2.0, np.float32)
    assert np.isfinite(fit_gaussian(codes).distance(codes + 1)).all()
    assert (fit_gaussian(codes).distance(codes) == 0).all()


@pytest.mark.parametrize(("n", "d"), [(4000, 6), (4000, 100)])
def test_draws_have_the_mean_and_the_covariance_of_the_codes(n: int, d: int) -> None:
    codes = correlated(n, d)
    gaussian = fit_gaussian(codes)
    drawn = gaussian.draw(np.random.default_rng(3).standard_normal((200_000, d)).astype(np.float32))
    scale = np.sqrt(np.trace(np.cov(codes.T)) / d)
    np.testing.assert_allclose(drawn.mean(axis=0), codes.mean(axis=0), atol=0.03 * scale)
    np.testing.assert_allclose(np.trace(np.cov(drawn.T)), np.trace(np.cov(codes.T)), rtol=0.02)
    np.testing.assert_allclose(np.median(gaussian.distance(drawn)), np.sqrt(d - 2 / 3), rtol=0.01)


def test_percentiles_are_shares_of_the_training_images() -> None:
    known = np.array([1, 2, 2, 2, 5], np.float32)
    found = percentile(known, [0.5, 1, 1.5, 2, 3.5, 5, 6])
    np.testing.assert_allclose(found, [0, 0, 12.5, 50, 87.5, 100, 100])
    assert percentile(np.array([3], np.float32), [2, 3, 4]).tolist() == [0, 50, 100]


def test_percentiles_of_many_images_are_kept_to_a_tenth() -> None:
    random = np.random.default_rng(2)
    errors = random.gamma(2, 0.01, 4096).astype(np.float32)
    fitted = fit_scores(errors, correlated(4096, 2))
    assert len(fitted.error_quantiles) == QUANTILES
    asked = random.gamma(2, 0.01, 100)
    wanted = 100 * np.mean(errors[:, np.newaxis] < asked, axis=0)
    np.testing.assert_allclose(fitted.error_percentile(asked), wanted, atol=0.1)


def test_distance_percentiles_of_the_training_codes_are_even() -> None:
    codes = correlated(1000, 5)
    fitted = fit_scores(np.ones(1000, np.float32), codes)
    found = np.sort(fitted.distance_percentile(fitted.distance(codes)))
    np.testing.assert_allclose(found, np.linspace(0, 100, 1000), atol=0.2)


def test_a_flat_image_that_is_drawn_well_has_a_large_relative_error() -> None:
    random = np.random.default_rng(4)
    images = random.random((2, 3, 8, 8)).astype(np.float32)
    images[1] = np.array([0.1, 0.5, 0.9], np.float32)[:, np.newaxis, np.newaxis]
    variances = pixel_variance(images)
    np.testing.assert_allclose(variances, [images[0].reshape(3, -1).var(axis=1).mean(), 0], atol=1e-6)
    usual, flat = relative_errors([0.01, 0.001], variances)
    np.testing.assert_allclose(usual, 0.01 / (variances[0] + ROUNDING_VARIANCE))
    np.testing.assert_allclose(flat, 0.001 * 12 * 255**2, rtol=1e-6)


def test_scores_survive_their_file() -> None:
    fitted = scores()
    read = scores_from_npz(fitted.to_npz())
    for name in ("error_quantiles", "relative_error_quantiles", "distance_quantiles"):
        np.testing.assert_array_equal(getattr(read, name), getattr(fitted, name))
    asked = correlated(20, 5, seed=8)
    np.testing.assert_array_equal(read.distance(asked), fitted.distance(asked))
    assert read.to_npz() == fitted.to_npz()


def test_without_variances_there_are_no_relative_errors() -> None:
    fitted = fit_scores(np.ones(9, np.float32), correlated(9, 2))
    read = scores_from_npz(fitted.to_npz())
    assert read.relative_error_quantiles is None
    with pytest.raises(ValueError, match="not known"):
        read.relative_error_percentile([1.0])


def test_the_file_stays_small_where_codes_are_wide() -> None:
    codes = np.maximum(correlated(500, 784), 0)
    codes[:, ::3] = 0
    assert len(fit_scores(np.ones(500, np.float32), codes).to_npz()) < 250_000


def test_the_same_arrays_give_the_same_bytes_in_another_process_with_other_threads() -> None:
    code = (
        "import hashlib, numpy as np; from export.scores import fit_scores;"
        "r = np.random.default_rng(5); c = r.standard_normal((700, 300)).astype(np.float32);"
        "print(hashlib.sha256(fit_scores(r.random(700).astype(np.float32), c).to_npz()).hexdigest())"
    )
    found = set()
    for threads in ("1", "2"):
        environment = {"OPENBLAS_NUM_THREADS": threads, "OMP_NUM_THREADS": threads, "PYTHONHASHSEED": threads}
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment)
        found.add(done.stdout)
    assert len(found) == 1


@pytest.mark.parametrize(
    ("errors", "codes"),
    [
        (np.ones(3), np.ones((4, 2))),
        (np.ones(0), np.ones((0, 2))),
        (np.array([1, np.nan]), np.ones((2, 2))),
        (np.ones(2), np.array([[1, 2], [np.inf, 0]])),
    ],
)
def test_what_cannot_be_fitted_is_said(errors: np.ndarray, codes: np.ndarray) -> None:
    with pytest.raises(ValueError, match=r"not \[n\]|not a number"):
        fit_scores(errors.astype(np.float32), codes.astype(np.float32))


def test_codes_of_another_width_are_refused() -> None:
    with pytest.raises(ValueError, match=r"not \[n, 5\]"):
        scores().distance(np.ones((2, 4), np.float32))


@pytest.mark.parametrize(
    ("name", "array", "reason"),
    [
        ("error_quantiles", np.array([2, 1], np.float32), "ascending"),
        ("error_quantiles", np.array([-1, 1], np.float32), "ascending"),
        ("error_quantiles", np.array([0, np.nan], np.float32), "not a number"),
        ("error_quantiles", np.zeros(0, np.float32), "0 values"),
        ("error_quantiles", np.zeros(QUANTILES + 1, np.float32), "1025 values"),
        ("distance_quantiles", np.array([1, 2], np.float64), "float64"),
        ("distance_quantiles", np.array([[1]], np.float32), "axes"),
        ("code_mean", np.zeros(4, np.float32), "go together"),
        ("code_components", np.zeros((9, 5), np.float32), "go together"),
        ("code_variances", np.zeros(5, np.float32), "not positive"),
        ("code_residual_variance", np.float32(-1), "not positive"),
        ("code_mean", np.array([{}], object), "axes|object"),
        ("code_mean", b"\x93NUMPY\x01\x00\x10\x00{'shape': (5, **", ".*"),
        ("code_mean", pickle.dumps({}), "magic"),
        (
            "code_mean",
            b"\x93NUMPY\x01\x00\x76\x00"
            + b"{'descr': '<f4', 'fortran_order': False, 'shape': (999999999999,), }".ljust(117)
            + b"\n",
            "header says",
        ),
    ],
)
def test_a_file_that_means_harm_is_refused_with_the_reason(name: str, array: np.ndarray, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        scores_from_npz(member(scores().to_npz(), name, array))


def test_a_damaged_file_is_refused() -> None:
    whole = scores().to_npz()
    for cut in (0, 10, len(whole) // 2, len(whole) - 1):
        with pytest.raises(ValueError, match=r".+"):
            scores_from_npz(whole[:cut])
    flipped = bytearray(whole)
    flipped[whole.index(b"code_mean.npy") + 150] ^= 1
    with pytest.raises(ValueError, match=r".+"):
        scores_from_npz(bytes(flipped))
    buffer = io.BytesIO()
    np.savez(buffer, error_quantiles=np.ones(3, np.float32))
    with pytest.raises(ValueError, match="missing"):
        scores_from_npz(buffer.getvalue())


def test_a_member_that_unpacks_to_too_much_is_not_unpacked() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("error_quantiles.npy", bytes(80 << 20))
    with pytest.raises(ValueError, match="are not read"):
        scores_from_npz(buffer.getvalue())
