"""Nearest codes against a loop over all of them."""

from __future__ import annotations

import numpy as np
import pytest

from aetui.latent.nearest import distances, gaps, nearest, to_nearest


def test_distances_are_euclidean() -> None:
    random = np.random.default_rng(0)
    codes, queries = random.normal(size=(40, 7)).astype(np.float32), random.normal(size=(600, 7)).astype(np.float32)
    wanted = np.array([[np.linalg.norm(code.astype(float) - query) for code in codes] for query in queries])
    assert distances(codes, queries) == pytest.approx(wanted)
    assert to_nearest(codes, queries) == pytest.approx(wanted.min(axis=1))


def test_the_nearest_code_is_the_one_that_a_loop_finds() -> None:
    random = np.random.default_rng(1)
    codes, query = random.normal(size=(100, 3)).astype(np.float32), np.zeros(3, np.float32)
    by_hand = [float(np.linalg.norm(code)) for code in codes]
    row, distance = nearest(codes, query)
    assert row == by_hand.index(min(by_hand))
    assert distance == pytest.approx(min(by_hand))


def test_a_gap_is_the_distance_to_the_nearest_other_code() -> None:
    codes = np.array([[0, 0], [3, 4], [3, 5], [3, 5]], np.float32)
    assert gaps(codes) == pytest.approx([5, 1, 0, 0])


def test_gaps_of_many_codes_are_those_of_a_loop() -> None:
    codes = np.random.default_rng(2).normal(size=(700, 4)).astype(np.float32)
    wanted = [min(np.linalg.norm(codes[i] - codes[j]) for j in range(0, 700) if j != i) for i in (0, 511, 512, 699)]
    assert gaps(codes)[[0, 511, 512, 699]] == pytest.approx(wanted, rel=1e-4)


def test_a_code_alone_has_no_gap() -> None:
    assert gaps(np.ones((1, 3), np.float32)) == pytest.approx([0])
    assert gaps(np.ones((0, 3), np.float32)).shape == (0,)
