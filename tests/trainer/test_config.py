from __future__ import annotations

import ast
import dataclasses
import inspect
import itertools
import math
import re
import textwrap
import tomllib
from pathlib import Path

import pytest
import tomli_w

from export.errors import ExitCode, ToolError
from trainer.config import (
    SHORT_RUN_STEPS,
    FitConfig,
    RunConfig,
    check,
    chosen,
    flag_table,
    parse,
    resolve_steps,
    resolve_widths,
    variant_options,
)  # fmt: skip
from trainer.variants import VARIANTS, Denoising, Sparse, Undercomplete, Variational


@pytest.mark.parametrize(
    "changes",
    [
        {"latent_dim": 0}, {"lr": math.nan}, {"lr": 0.0}, {"lr": math.inf}, {"epochs": -1}, {"steps": 0},
        {"batch_size": 0},
        {"validation": 0.6}, {"warmup": 1.1}, {"hidden": (5, 0)}, {"seed": -1}, {"image_size": 0},
        {"checkpoint_every_s": 0.0}, {"threads": 0}, {"threads": 100_000},
    ],
)  # fmt: skip
def test_an_option_out_of_range_is_refused_by_name(changes: dict[str, object]) -> None:
    with pytest.raises(ToolError, match="out of range") as caught:
        check(FitConfig(**changes), [Undercomplete()])  # type: ignore[arg-type]
    assert f"--{next(iter(changes)).replace('_', '-')}" in caught.value.what
    assert caught.value.exit_code == ExitCode.USAGE


@pytest.mark.parametrize(
    "variant",
    [
        Sparse(l1=-1), Sparse(rate=0.0), Denoising(level=math.nan), Denoising(corruption="masking", level=1.5),
        Variational(beta=-0.1), Variational(variance=0.0, likelihood="gaussian"), Variational(free_bits=math.inf),
    ],
    ids=repr,
)  # fmt: skip
def test_a_variants_option_out_of_range_is_refused(variant: object) -> None:
    with pytest.raises(ToolError, match="out of range"):
        variant.check()  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("fit", "variants", "flag"),
    [
        (FitConfig(epochs=1, steps=1), [Undercomplete()], "--epochs"),
        (FitConfig(hidden=(4,), arch="lecture"), [Undercomplete()], "--hidden"),
        (FitConfig(latent_dim=3), [Sparse()], "--latent-dim"),
        (FitConfig(threads=2, device="cuda"), [Sparse()], "--threads"),
        (FitConfig(warmup=1.0, schedule="constant"), [Sparse()], "--schedule"),
    ],
)
def test_a_flag_without_effect_is_an_error(fit: FitConfig, variants: list, flag: str) -> None:
    with pytest.raises(ToolError, match="no effect") as caught:
        check(fit, variants)
    assert flag in caught.value.what


@pytest.mark.parametrize("cls", [FitConfig, *VARIANTS.values()])
def test_what_an_option_is_stands_in_one_line_for_the_help(cls: type) -> None:
    """The help indents what follows in another line of the docstring."""
    body = ast.parse(textwrap.dedent(inspect.getsource(cls))).body[0].body  # type: ignore[attr-defined]
    for field, said in itertools.pairwise(body):
        if isinstance(field, ast.AnnAssign) and "ClassVar" not in ast.unparse(field.annotation):
            assert isinstance(said, ast.Expr), ast.unparse(field)
            assert "\n" not in ast.literal_eval(said.value), ast.unparse(field)


def test_an_option_of_a_variant_that_is_not_trained_is_an_error() -> None:
    given = dataclasses.replace(variant_options()(), variational=Variational(beta=2))
    check(FitConfig(), [Sparse(), given.variational], given)
    with pytest.raises(ToolError, match=re.escape("--variational.beta")):
        check(FitConfig(), [Sparse()], given)


@pytest.mark.parametrize(
    "variant",
    [
        Sparse(budget=3.0),
        Sparse(charge="kl", l1=3.0),
        Sparse(rate=0.1),
        Variational(variance=0.1),
        Variational(covariance="full", free_bits=0.1),
    ],
    ids=repr,
)
def test_an_option_without_effect_on_its_variant_is_an_error(variant: Sparse | Variational) -> None:
    with pytest.raises(ToolError, match="no effect"):
        variant.check()


@pytest.mark.parametrize("device", ["gpu", "cuda:x", "cpu:1", "", "cuda:"])
def test_an_unknown_device_is_refused(device: str) -> None:
    with pytest.raises(ToolError, match="unknown device"):
        check(FitConfig(device=device), [Sparse()])


@pytest.mark.parametrize("variant", VARIANTS.values())
def test_a_config_survives_its_file(variant: type) -> None:
    fit = FitConfig(
        hidden=(7, 5), lr=1e-4, data_dir=Path("a b"), epochs=3, latent_dim=2 if variant is not Sparse else None
    )
    config = RunConfig(fit=fit, variant=variant())
    assert parse(tomllib.loads(tomli_w.dumps(config.table())), "x.toml") == config


def test_changed_options_of_every_variant_survive_too() -> None:
    for variant in (
        Sparse(charge="kl", kl=2.0, rate=0.1),
        Denoising(corruption="salt-pepper", level=0.25),
        Sparse(charge="batchtopk", budget=3.5),
        Variational(likelihood="gaussian", variance=0.5, beta=4, kl_warmup=10, free_bits=0.1),
        Variational(covariance="full"),
    ):
        config = RunConfig(fit=FitConfig(), variant=variant)
        assert parse(tomllib.loads(tomli_w.dumps(config.table())), "x.toml") == config


@pytest.mark.parametrize(
    ("table", "guess"), [({"epocs": 3}, "epochs"), ({"sparse": {"l2": 1}}, "l1"), ({"latent-dim": 3}, "latent_dim")]
)
def test_an_unknown_key_names_the_nearest(table: dict[str, object], guess: str) -> None:
    with pytest.raises(ToolError, match="unknown key") as caught:
        flag_table(table, "x.toml")
    assert guess in caught.value.do


def test_options_of_a_variant_are_found_by_name() -> None:
    own = variant_options()(sparse=Sparse(l1=3))
    assert chosen(own, "sparse") == Sparse(l1=3)
    assert chosen(own, "undercomplete") == Undercomplete()


def test_a_small_data_set_gets_as_many_epochs_as_make_a_run() -> None:
    batch, per_epoch, total = resolve_steps(FitConfig(), 1536)
    assert (batch, per_epoch) == (128, 12)
    assert SHORT_RUN_STEPS <= total < SHORT_RUN_STEPS + 12
    assert resolve_steps(FitConfig(), 57_000) == (128, 445, 4450)
    assert resolve_steps(FitConfig(epochs=2), 57_000)[2] == 890
    assert resolve_steps(FitConfig(steps=7), 57_000)[2] == 7
    assert resolve_steps(FitConfig(), 10)[0] == 10


def test_widths_follow_architecture_and_variant() -> None:
    shape = (1, 28, 28)
    assert resolve_widths(FitConfig(), Undercomplete(), shape) == (16, (256, 128))
    assert resolve_widths(FitConfig(arch="lecture"), Undercomplete(), shape) == (3, (128, 64, 12))
    assert resolve_widths(FitConfig(arch="lecture"), Sparse(), shape) == (784, ())
    assert resolve_widths(FitConfig(hidden=(9,), latent_dim=5), Variational(), shape) == (5, (9,))
    with pytest.raises(ToolError, match="no bottleneck"):
        resolve_widths(FitConfig(latent_dim=784), Undercomplete(), shape)


def test_torch_is_not_needed_to_list_options() -> None:
    import subprocess
    import sys

    code = "import sys, trainer.config, trainer.variants; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
