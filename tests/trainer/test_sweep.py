"""The grid: which runs a sweep is, what they are called, and what is refused before anything is read."""

from __future__ import annotations

import dataclasses
import itertools
from pathlib import Path
from typing import Any

import pytest

from export.errors import ExitCode, ToolError
from trainer.config import FitConfig, RunConfig
from trainer.pool import places
from trainer.sweep import axes, fit_grid, points, sweep_table, variant_grids
from trainer.variants import VARIANTS, Undercomplete, Variational

FitGrid, VariantGrids = fit_grid(), variant_grids()


def grid(variants: list[str], own: dict[str, dict[str, Any]] | None = None, **shared: Any) -> list[Any]:
    classes = {field.name: field.default_factory for field in dataclasses.fields(VariantGrids)}
    options = {name: classes[name](**values) for name, values in (own or {}).items()}
    return points("s", FitGrid(**shared), VariantGrids(**options), variants)


@pytest.mark.parametrize("name", VARIANTS)
def test_a_grid_of_defaults_is_the_run_of_fit_without_options(name: str) -> None:
    (point,) = grid([name])
    assert point.config == RunConfig(fit=FitConfig(), variant=VARIANTS[name]())
    assert point.name == f"s-{name}"
    assert point.fit_arguments() == ["fit", name]


def test_every_option_of_fit_and_of_each_variant_is_an_axis() -> None:
    assert list(axes(FitGrid(), FitConfig)) == [field.name for field in dataclasses.fields(FitConfig)]
    for name in VARIANTS:
        own = getattr(VariantGrids(), name, None)
        assert list(axes(own, VARIANTS[name])) == [field.name for field in dataclasses.fields(VARIANTS[name])]


def test_the_runs_are_the_cartesian_product() -> None:
    found = grid(["variational"], {"variational": {"beta": (1.0, 4.0)}}, latent_dim=(2, 3, 5), seed=(0, 1))
    assert {(p.config.fit.latent_dim, p.config.fit.seed, p.config.variant.beta) for p in found} == set(
        itertools.product((2, 3, 5), (0, 1), (1.0, 4.0))
    )
    assert len({point.name for point in found}) == 12


def test_a_variants_own_options_multiply_its_runs_alone() -> None:
    found = grid(["undercomplete", "variational"], {"variational": {"beta": (1.0, 4.0)}}, lr=(1e-3, 3e-3))
    assert [point.config.variant for point in found] == [
        *[Undercomplete()] * 2,
        *[Variational(beta=1.0), Variational(beta=4.0)] * 2,
    ]


def test_a_code_as_wide_as_the_image_has_no_widths_to_go_through() -> None:
    found = grid(["undercomplete", "sparse"], latent_dim=(2, 3))
    assert [point.name for point in found] == [
        "s-undercomplete-latent-dim-2",
        "s-undercomplete-latent-dim-3",
        "s-sparse",
    ]
    with pytest.raises(ToolError, match="--latent-dim has no effect"):
        grid(["sparse"], latent_dim=(2, 3))


@pytest.mark.parametrize(
    ("shared", "own", "name"),
    [
        ({"latent_dim": (5, 6)}, {}, "s-variational-latent-dim-5"),
        ({"lr": (1e-3, 3e-3)}, {}, "s-variational-lr-0.001"),
        ({"lr": ("auto", 3e-3)}, {}, "s-variational-lr-auto"),
        ({"hidden": ("512,256", "64"), "seed": (3, 4)}, {}, "s-variational-hidden-512x256-seed-3"),
        ({"arch": ("lecture", "mlp"), "steps": (7,)}, {}, "s-variational-arch-lecture"),
        ({"data": ("a/one.npy", "two.npz")}, {}, "s-variational-data-one"),
        ({"data_dir": (Path("/x/y z"), Path("/w"))}, {}, "s-variational-data-dir-y-z"),
        ({"lr": (0.1 + 0.2, 0.3)}, {}, "s-variational-lr-0.30000000000000004"),
        ({}, {"beta": (4.0, 1.0), "kl_warmup": (10, 20)}, "s-variational-beta-4-kl-warmup-10"),
    ],
)
def test_a_name_says_what_varies_and_nothing_else(shared: dict[str, Any], own: dict[str, Any], name: str) -> None:
    assert grid(["variational"], {"variational": own}, **shared)[0].name == name


def test_commas_join_the_layers_of_one_value() -> None:
    found = grid(["undercomplete"], hidden=("512,256", "64"))
    assert [point.config.fit.hidden for point in found] == [(512, 256), (64,)]
    for bad in ("512,", "a,b", "512 256", "3.5", ""):
        with pytest.raises(ToolError, match="invalid value for --hidden"):
            grid(["undercomplete"], hidden=(bad,))


@pytest.mark.parametrize(
    ("variants", "shared", "own", "says"),
    [
        (["undercomplete"], {"latent_dim": (2, 0)}, {}, "--latent-dim 0"),
        (["undercomplete"], {"lr": (1e-3, -1.0)}, {}, "--lr -1"),
        (["variational"], {}, {"variational": {"beta": (1.0, -1.0)}}, "--variational.beta -1"),
        (["undercomplete"], {"arch": ("mlp", "lecture"), "hidden": ("8",)}, {}, "arch lecture"),
        (["undercomplete"], {"epochs": (1, 2), "steps": (5,)}, {}, "--epochs"),
        (["undercomplete"], {}, {"variational": {"beta": (4.0,)}}, "--variational.beta has no effect"),
        (["undercomplete"], {"seed": (0, 0)}, {}, "twice"),
        (["undercomplete"], {"seed": ()}, {}, "requires an argument"),
        (["undercomplete"], {"device": ("tpu",)}, {}, "unknown device"),
        (["undercomplete", "undercomplete"], {}, {}, "twice"),
        (["undercomplte"], {}, {}, "undercomplte"),
        (["undercomplete"], {"data": ("a/x.npy", "b/x.npy")}, {}, "would be called"),
        (["undercomplete"], {"seed": tuple(range(200)), "steps": tuple(range(1, 200))}, {}, "39,800 runs"),
    ],
)
def test_one_bad_point_refuses_the_whole_grid(
    variants: list[str], shared: dict[str, Any], own: dict[str, Any], says: str
) -> None:
    with pytest.raises(ToolError) as caught:
        grid(variants, own, **shared)
    assert says in caught.value.what
    assert caught.value.exit_code == ExitCode.USAGE


def test_the_label_names_the_point_that_is_wrong() -> None:
    with pytest.raises(ToolError, match=r"out of range \(for undercomplete, latent-dim 0, seed 1\)"):
        grid(["undercomplete"], latent_dim=(5, 0), seed=(1, 2))


def test_a_list_in_a_file_is_several_values_and_in_a_list_option_one() -> None:
    table = {"latent_dim": [2, 3], "lr": 0.1, "hidden": [512, 256], "variational": {"beta": [1, 4]}, "variant": "x"}
    assert sweep_table(table) == table | {"hidden": ["512,256"]}
    assert sweep_table({"hidden": [[512, 256], [64]]}) == {"hidden": ["512,256", "64"]}


def test_the_cores_are_shared_out_and_the_gpus_dealt_in_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    assert places(1, [], 8) == [{"OMP_NUM_THREADS": "8"}]
    assert places(3, [], 2) == [{"OMP_NUM_THREADS": "1"}] * 3
    assert [place["CUDA_VISIBLE_DEVICES"] for place in places(3, ["0", "1"], 12)] == ["0", "1", "0"]
    assert {place["OMP_NUM_THREADS"] for place in places(3, ["0", "1"], 12)} == {"4"}
    monkeypatch.setenv("OMP_NUM_THREADS", "5")
    assert places(2, [], 8) == [{}, {}]
