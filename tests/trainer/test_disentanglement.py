"""Disentanglement where the answer is known: codes that are the attributes, mixtures of them, or nothing."""

from __future__ import annotations

import math

import numpy as np
import pytest
from sklearn.metrics import mutual_info_score

from trainer.disentanglement import concentration, dci, mig, mutual_information, scores


@pytest.fixture(scope="module")
def attributes() -> np.ndarray:
    return np.random.default_rng(0).uniform(size=(6000, 4)).astype(np.float32)


def noise(columns: int, seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(6000, columns))


def halves(array: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return array[:5000], array[5000:]


def dci_of(codes: np.ndarray, attributes: np.ndarray) -> dict[str, float]:
    (some, rest), (known, unknown) = halves(codes), halves(attributes)
    return dci(some, known, rest, unknown)


def rotated(attributes: np.ndarray) -> np.ndarray:
    """Each pair of attributes turned by 45°: either dimension knows as much of both."""
    turn = np.kron(np.eye(2), np.array([[1, 1], [1, -1]]) / math.sqrt(2))
    return attributes @ turn


def test_a_code_that_is_the_attributes_is_disentangled(attributes: np.ndarray) -> None:
    assert mig(attributes, attributes) > 0.98
    assert all(value > 0.98 for value in dci_of(attributes, attributes).values())


def test_order_sign_scale_and_dimensions_of_noise_change_nothing(attributes: np.ndarray) -> None:
    codes = np.hstack([noise(2), -7 * attributes[:, ::-1] + 3])
    assert mig(codes, attributes) > 0.95
    assert all(value > 0.95 for value in dci_of(codes, attributes).values())


def test_a_code_that_mixes_attributes_in_pairs_is_not(attributes: np.ndarray) -> None:
    assert mig(rotated(attributes), attributes) < 0.05
    found = dci_of(rotated(attributes), attributes)
    # Two of four attributes share a dimension equally: 1 − log 2 / log 4.
    assert found["disentanglement"] == pytest.approx(0.5, abs=0.03)
    assert found["completeness"] == pytest.approx(0.5, abs=0.03)
    assert found["informativeness"] > 0.95


def test_noise_says_nothing(attributes: np.ndarray) -> None:
    assert mig(noise(5), attributes) < 0.01
    found = dci_of(noise(5), attributes)
    assert found["informativeness"] < 0.01
    assert found["disentanglement"] < 0.02


def test_an_attribute_written_twice_has_no_gap_and_is_not_complete(attributes: np.ndarray) -> None:
    twice = np.hstack([attributes[:, :1], attributes[:, :1]])
    assert mig(twice, attributes[:, :1]) == 0
    assert mig(twice[:, :1], attributes[:, :1]) == pytest.approx(1)


def test_a_constant_dimension_knows_nothing(attributes: np.ndarray) -> None:
    codes = np.hstack([np.ones((6000, 1)), attributes])
    assert mutual_information(codes, attributes)[0] == pytest.approx(np.zeros(4))
    assert mig(codes, attributes) > 0.98


def test_mutual_information_agrees_with_scikit_learns(attributes: np.ndarray) -> None:
    codes = attributes[:, :2] + 0.3 * noise(2)
    found = mutual_information(codes, attributes)
    for i, code in enumerate(codes.T):
        for j, attribute in enumerate(attributes.T):
            cut = [np.clip(np.digitize(c, np.linspace(c.min(), c.max(), 21)), 1, 20) for c in (code, attribute)]
            assert found[i, j] == pytest.approx(mutual_info_score(*cut), abs=1e-3)


def test_an_attribute_of_two_values_counts_like_any_other(attributes: np.ndarray) -> None:
    binary = (attributes > 0.5).astype(np.float32)
    assert mig(binary, binary) > 0.98
    assert mig(attributes, binary) > 0.9
    assert dci_of(attributes, binary)["informativeness"] > 0.95


def test_an_attribute_that_never_changes_is_left_out(attributes: np.ndarray) -> None:
    known = np.hstack([attributes, np.ones((6000, 1), np.float32)])
    assert mig(attributes, known) == pytest.approx(mig(attributes, attributes))
    assert dci_of(attributes, known) == dci_of(attributes, attributes)


def test_a_wide_code_is_searched_for_what_knows_most(attributes: np.ndarray) -> None:
    codes = np.hstack([noise(60), attributes, noise(60, seed=2)])
    assert all(value > 0.9 for value in dci_of(codes, attributes).values())


@pytest.mark.parametrize(
    ("importance", "expected"),
    [
        (np.eye(3), 1),
        (np.ones((3, 3)), 0),
        (np.array([[1, 1, 0, 0]]), 0.5),
        (np.array([[3, 0], [1, 1], [0, 0]]), 3 / 5),
        (np.zeros((2, 2)), 0),
        (np.ones((4, 1)), 1),
    ],
)
def test_concentration_weighs_each_row_by_what_it_holds(importance: np.ndarray, expected: float) -> None:
    assert concentration(importance.astype(float)) == pytest.approx(expected)


def test_the_scores_come_under_their_own_names(attributes: np.ndarray) -> None:
    (some, rest) = halves(attributes)
    names = {"mig", "dci_disentanglement", "dci_completeness", "dci_informativeness"}
    assert scores(some, some, rest, rest).keys() == names
