"""How a place on the map becomes a code."""

from __future__ import annotations

import numpy as np
import pytest

from aetui.latent.nearest import Codes
from aetui.latent.space import Space, of_codes, of_projections


def space(codes: Codes) -> Space:
    n = len(codes)
    return of_codes(codes, np.zeros(n, np.int64), None, np.arange(n), codes[:4], 7)


def codes_of(n: int, d: int, seed: int = 0) -> Codes:
    scale = np.linspace(3, 1, d)
    return (np.random.default_rng(seed).normal(size=(n, d)) * scale + 1).astype(np.float32)


def test_a_place_on_two_dimensions_is_the_mean_code_with_both_replaced() -> None:
    codes = codes_of(50, 5)
    found = space(codes)
    dims = found.axes["dims"]
    [code] = found.codes(dims[1], dims[3], [2.5], [-1.0])
    wanted = codes.mean(axis=0)
    wanted[[1, 3]] = 2.5, -1
    assert code == pytest.approx(wanted, abs=1e-5)


def test_a_place_on_principal_components_is_the_mean_and_so_much_of_each() -> None:
    codes = codes_of(80, 6)
    found = space(codes)
    first, second = found.axes["pca"][:2]
    [code] = found.codes(first, second, [2.0], [-3.0])
    _, _, directions = np.linalg.svd(codes - codes.mean(axis=0), full_matrices=False)
    away = code - codes.mean(axis=0)
    assert np.abs(directions[:2] @ away) == pytest.approx([2, 3], abs=1e-4)
    assert np.abs(directions[2:] @ away) == pytest.approx(0, abs=1e-4)


@pytest.mark.parametrize("kind", ["dims", "pca"])
def test_where_an_image_lies_with_its_own_other_dimensions_is_its_code(kind: str) -> None:
    codes = codes_of(30, 4)
    found = space(codes)
    x, y = found.axes[kind][:2]
    [code] = found.codes(x, y, x.values[[9]], y.values[[9]], 9)
    assert code == pytest.approx(codes[9], abs=1e-5)
    assert found.code_of(9) == pytest.approx(codes[9])


def test_the_prior_lies_at_zero_of_every_dimension() -> None:
    found = space(codes_of(40, 3))
    for kind in ("dims", "pca"):
        for axis in found.axes[kind]:
            # The coordinate of the zero code along the axis.
            assert axis.prior == pytest.approx(axis.mean - float(found.base @ axis.direction), abs=1e-4)


def test_gaps_tell_near_from_far() -> None:
    codes = np.arange(100, dtype=np.float32)[:, None] * np.ones((1, 2), np.float32)
    found = space(codes)
    assert found.typical_gap == pytest.approx(2**0.5)
    assert found.far_gap == pytest.approx(2**0.5)


def test_a_code_of_one_dimension_is_spread_over_the_plane() -> None:
    found = space(codes_of(8, 1))
    line, spread = found.axes["dims"]
    assert spread.values == pytest.approx([0, 1 / 2, 1 / 4, 3 / 4, 1 / 8, 5 / 8, 3 / 8, 7 / 8])
    assert found.codes(line, spread, [0.5, 0.5], [0.1, 0.9]).tolist() == [[0.5], [0.5]]
    assert found.first_plane(variational=True) == ("dims", 0, 1)


def test_the_first_plane_is_of_the_widest_dimensions_or_principal_components() -> None:
    codes = codes_of(60, 5)[:, [4, 0, 3, 1, 2]]
    assert space(codes).first_plane(variational=True) == ("dims", 1, 3)
    assert space(codes).first_plane(variational=False) == ("pca", 0, 1)
    assert space(codes_of(60, 2)).first_plane(variational=False) == ("dims", 0, 1)


def test_of_a_very_wide_code_the_most_active_units_can_be_looked_at() -> None:
    codes = np.zeros((10, 100), np.float32)
    codes[:, [99, 5]] = 1
    names = [axis.name for axis in space(codes).axes["dims"]]
    assert len(names) == 32
    assert {"unit 6", "unit 100"} <= set(names)


def test_directions_of_projected_codes_are_estimated_from_the_probe_images() -> None:
    # Codes that fill 8 dimensions of 100 exactly: then the estimate has to be exact as well.
    random = np.random.default_rng(3)
    basis, _ = np.linalg.qr(random.normal(size=(100, 8)))
    mean = random.normal(size=100)
    scores, of_probe = random.normal(size=(500, 8)), random.normal(size=(64, 8))
    scores -= scores.mean(axis=0)
    whole = (mean + scores @ basis.T).astype(np.float32)
    probe_codes = (mean + of_probe @ basis.T).astype(np.float32)
    units = np.arange(40, 72)
    latent = np.concatenate([scores, whole[:, units]], axis=1).astype(np.float32)
    n = len(latent)
    found = of_projections(
        latent, units, np.zeros(n, np.int64), None, np.arange(n), probe_codes, np.arange(1000, 1064), 7
    )
    assert found.explained == pytest.approx(1, abs=1e-4)
    first, second = found.axes["pca"][:2]
    [code] = found.codes(first, second, [1.5], [-0.5])
    assert code == pytest.approx(mean + 1.5 * basis[:, 0] - 0.5 * basis[:, 1], abs=1e-3)
    assert found.measure(code[None])[0] == pytest.approx([1.5, -0.5, *[0] * 6], abs=1e-3)
    assert found.code_of(17) == pytest.approx(whole[17], abs=1e-3)
    x, y = found.axes["pca"][2:4]
    [there] = found.measure(found.codes(x, y, x.values[[17]] + 0.5, y.values[[17]], 17), 17)
    assert there - found.measured[17] == pytest.approx([0, 0, 0.5, 0, 0, 0, 0, 0], abs=1e-4)
    assert found.probe_measured == pytest.approx(of_probe, abs=1e-3)
    first, second = found.axes["dims"][:2]
    [of_unit] = found.codes(first, second, [9.0], [8.0])
    assert of_unit[[40, 41]] == pytest.approx([9, 8])
