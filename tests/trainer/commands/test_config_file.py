"""``--config``: a run's own file is that run again, and whatever is said on the command line wins."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
import tomli_w
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from export.errors import ToolError
from trainer import cli
from trainer.commands import fit
from trainer.config import RunConfig, parse
from trainer.sweep import Point
from trainer.variants import VARIANTS

from ..any_options import run_configs
from ..small_runs import config

ONCE_PER_FUNCTION = settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.filter_too_much],
)


@pytest.fixture
def understood(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[RunConfig]:
    """What ``aetrain fit`` would train, instead of training it."""
    monkeypatch.chdir(tmp_path)
    runs: list[RunConfig] = []
    monkeypatch.setattr(fit, "train_all", lambda configs, folders, json: runs.extend(configs))
    return runs


def as_fit_understands(understood: list[RunConfig], *arguments: str) -> list[RunConfig]:
    understood.clear()
    cli.run(["fit", *arguments])
    return list(understood)


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_runs_config_file_is_that_run_again(understood: list[RunConfig], variant: str) -> None:
    @ONCE_PER_FUNCTION
    @given(run_configs(variant))
    def holds(run: RunConfig) -> None:
        Path("c.toml").write_text(tomli_w.dumps(run.table()), encoding="utf-8")
        assert as_fit_understands(understood, "--config", "c.toml") == [run]
        assert parse(tomllib.loads(Path("c.toml").read_text(encoding="utf-8")), "c.toml") == run

    holds()


@pytest.mark.parametrize("variant", VARIANTS)
def test_the_arguments_that_a_sweep_gives_are_the_point_that_it_means(
    understood: list[RunConfig], variant: str
) -> None:
    @ONCE_PER_FUNCTION
    @given(run_configs(variant))
    def holds(run: RunConfig) -> None:
        arguments = Point(name="p", config=run, varied={}).fit_arguments()
        assert arguments[0] == "fit"
        assert as_fit_understands(understood, *arguments[1:]) == [run]

    holds()


@pytest.mark.parametrize("variant", VARIANTS)
def test_flags_win_over_the_file(understood: list[RunConfig], variant: str) -> None:
    @ONCE_PER_FUNCTION
    @given(run_configs(variant), st.integers(0, 1000), st.sampled_from(["0.25", "auto"]))
    def holds(run: RunConfig, seed: int, lr: str) -> None:
        Path("c.toml").write_text(tomli_w.dumps(run.table()), encoding="utf-8")
        (found,) = as_fit_understands(understood, "--config=c.toml", f"--seed={seed}", "--lr", lr)
        wanted = run.table() | {"seed": seed, "lr": lr if lr == "auto" else 0.25}
        assert found.table() == wanted

    holds()


def test_a_variant_on_the_command_line_wins_over_the_files(understood: list[RunConfig]) -> None:
    Path("c.toml").write_text(tomli_w.dumps(config("undercomplete", seed=4).table()))
    assert [run.variant.name for run in as_fit_understands(understood, "--config", "c.toml")] == ["undercomplete"]
    runs = as_fit_understands(understood, "denoising", "variational", "--config", "c.toml", "--denoising.level", "0.1")
    assert [run.variant.name for run in runs] == ["denoising", "variational"]
    assert [run.fit.seed for run in runs] == [4, 4]
    assert runs[0].table()["denoising"]["level"] == 0.1


def test_the_files_options_of_a_variant_that_is_not_trained_are_an_error(understood: list[RunConfig]) -> None:
    Path("c.toml").write_text("latent_dim = 3\n[variational]\nbeta = 4\n")
    with pytest.raises(ToolError, match=r"--variational\.beta has no effect"):
        as_fit_understands(understood, "denoising", "--config", "c.toml")
    (run,) = as_fit_understands(understood, "variational", "--config", "c.toml")
    assert run.table()["variational"]["beta"] == 4
    assert run.fit.latent_dim == 3


def test_a_file_may_name_the_run_and_its_folder(understood: list[RunConfig]) -> None:
    Path("c.toml").write_text('variant = "sparse"\nname = "mine"\nruns_dir = "elsewhere"\n')
    Path("elsewhere/mine").mkdir(parents=True)
    with pytest.raises(ToolError, match="elsewhere/mine exists already"):
        as_fit_understands(understood, "--config", "c.toml")
    assert len(as_fit_understands(understood, "--config", "c.toml", "--name", "other")) == 1


@pytest.mark.parametrize("line", ["channels = true", 'lr = "fast"', "lr = true", "hidden = [4, 2.5]", "seed = 1.5"])
def test_a_value_of_another_kind_is_refused_in_a_runs_file_and_in_ours(understood: list[RunConfig], line: str) -> None:
    Path("c.toml").write_text(f'variant = "sparse"\n{line}\n')
    key = line.partition(" ")[0]
    with pytest.raises(ToolError, match=key):
        parse(tomllib.loads(Path("c.toml").read_text()), "c.toml")
    with pytest.raises(ToolError, match=key):
        as_fit_understands(understood, "--config", "c.toml")


def test_a_whole_number_in_the_file_is_a_float_where_one_is_asked_for(understood: list[RunConfig]) -> None:
    Path("c.toml").write_text('variant = "sparse"\nlr = 1\nhidden = [4]\n')
    wanted = config("sparse", steps=None, batch_size=128, hidden=(4,), lr=1.0, device="auto")
    assert parse(tomllib.loads(Path("c.toml").read_text()), "c.toml") == wanted
    assert as_fit_understands(understood, "--config", "c.toml") == [wanted]
    assert isinstance(wanted.fit.lr, float)


@pytest.mark.parametrize("arguments", [["--epochs", "2.7"], ["--hidden", "3", "4.5"], ["--seed=1.5"]])
def test_no_whole_number_is_rounded(understood: list[RunConfig], arguments: list[str]) -> None:
    with pytest.raises(ToolError, match=f"invalid value for {arguments[0].partition('=')[0]}"):
        as_fit_understands(understood, "sparse", *arguments)
