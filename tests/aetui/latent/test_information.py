from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import mutual_info_score

from aetui.latent.information import BINS, cut, entropy, gaps, information, mutual_information


def test_a_dimension_that_is_the_attribute_shares_all_of_it_and_one_that_is_not_shares_nothing() -> None:
    attribute = np.tile(np.arange(4), 100)
    other = np.repeat(np.arange(2), 200)
    found = information(np.stack([attribute * 2.5, other], axis=1), attribute[:, None].astype(np.float64))
    assert found.shared[:, 0] == pytest.approx([1, 0], abs=1e-12)
    assert found.gap == pytest.approx([1])
    assert found.best(0) == 0


def test_half_of_an_attribute_is_half_its_entropy() -> None:
    attribute = np.tile(np.arange(4), 100)
    found = information((attribute // 2)[:, None].astype(np.float64), attribute[:, None].astype(np.float64))
    assert found.shared[0, 0] == pytest.approx(np.log(2) / np.log(4))


def test_the_gap_is_between_the_two_dimensions_that_share_most() -> None:
    assert gaps(np.array([[0.1, 0.5], [0.9, 0.5], [0.6, 0.2]])) == pytest.approx([0.3, 0])
    assert gaps(np.array([[0.4]])) == pytest.approx([0.4])
    assert gaps(np.zeros((0, 2))).tolist() == [0, 0]


def test_mutual_information_is_scikit_learns() -> None:
    draw = np.random.default_rng(0)
    a = draw.integers(0, 7, 500)
    b = (a + draw.integers(0, 3, 500)) % 5
    assert mutual_information(cut(a), cut(b)) == pytest.approx(mutual_info_score(a, b), rel=1e-12)
    assert entropy(np.array([1, 1, 0, 2])) == pytest.approx(1.5 * np.log(2))


def test_bins_hold_equally_many_and_equal_values_stay_together() -> None:
    values = np.random.default_rng(0).normal(size=2000)
    assert np.bincount(cut(values)).tolist() == [2000 // BINS] * BINS
    assert (np.argsort(values, kind="stable") == np.lexsort((values, cut(values)))).all()
    # A sparse unit: quiet for most images.
    quiet = np.where(np.arange(2000) < 1500, 0, np.arange(2000))
    counts = np.bincount(cut(quiet))
    assert counts[0] >= 1500
    assert (counts > 0).all()
    assert np.bincount(cut(np.array([3, 3, 8]))).tolist() == [2, 1]


@pytest.mark.parametrize("count", [64, 500, 2000])
def test_chance_is_about_what_noise_shares_and_little_however_few_the_images(count: int) -> None:
    draw = np.random.default_rng(1)
    found = information(draw.normal(size=(count, 60)), draw.uniform(size=(count, 1)))
    assert found.shared.mean() == pytest.approx(float(found.chance[0]), rel=0.15)
    assert 0.02 < found.chance[0] < 0.05


def test_an_attribute_that_never_changes_shares_nothing() -> None:
    codes = np.random.default_rng(0).normal(size=(100, 2))
    found = information(codes, np.ones((100, 1)))
    assert (found.shared.tolist(), found.gap.tolist(), found.chance.tolist()) == ([[0], [0]], [0], [0])
