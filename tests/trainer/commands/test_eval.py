"""``aetrain eval``, as a user calls it."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

import pexpect
import pytest

from export.errors import ToolError
from trainer import cli

QUICK = ("--steps", "12", "--hidden", "8")


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def fitted(name: str, *options: str) -> str:
    assert cli.run(["fit", *options, *QUICK, "--name", name]) == 0
    return name


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    capsys.readouterr()
    assert cli.run(["eval", *arguments]) == 0
    return capsys.readouterr().out


def results(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(printed(capsys, *arguments, "--json"))
    return found


def test_limit_says_on_how_many_images_the_likelihood_is_estimated(capsys: pytest.CaptureFixture[str]) -> None:
    fitted("v", "variational")
    few, all_of_them, default = (
        results(capsys, "v", *limit)[0] for limit in (("--limit", "5"), ("--limit", "999"), ())
    )
    assert few["nll_nats"] != all_of_them["nll_nats"] == default["nll_nats"]
    assert few["n"] == default["n"] == 180
    assert few["elbo_nats"] == default["elbo_nats"]


@pytest.mark.parametrize(("variant", "limit"), [("undercomplete", "5"), ("variational", "0"), ("variational", "-3")])
def test_a_limit_that_says_nothing_is_an_error(variant: str, limit: str) -> None:
    fitted("r", variant)
    with pytest.raises(ToolError) as caught:
        cli.run(["eval", "r", "--limit", limit])
    assert "--limit" in caught.value.what
    assert caught.value.exit_code == 2
    assert not Path("runs/r/eval.json").exists()


def test_runs_of_one_name_in_two_folders_are_two_columns(capsys: pytest.CaptureFixture[str]) -> None:
    fitted("r", "undercomplete", "--runs-dir", "a", "--latent-dim", "2")
    fitted("r", "undercomplete", "--runs-dir", "b", "--latent-dim", "3")
    lines = printed(capsys, "a/r", "b/r").splitlines()
    assert lines[0].split() == ["metric", "r", "r"]
    assert ["latent_dim", "2", "3"] in [line.split() for line in lines]


def test_runs_that_differ_in_the_width_of_the_code_have_a_table_of_it(capsys: pytest.CaptureFixture[str]) -> None:
    names = [fitted(f"u{d}", "undercomplete", "--latent-dim", str(d)) for d in (10, 2, 5)]
    out = printed(capsys, *names)
    mse = {result["latent_dim"]: result["mse"] for result in results(capsys, *names)}
    title, header, *rows = out[out.index("undercomplete on digits, by width") :].splitlines()[:5]
    assert title == "undercomplete on digits, by width of the code"
    assert header.split()[:3] == ["latent_dim", "mse", "pca_mse"]
    assert [row.split()[:2] for row in rows] == [[str(d), f"{mse[d]:.4g}"] for d in (2, 5, 10)]


def test_runs_of_one_width_have_none(capsys: pytest.CaptureFixture[str]) -> None:
    assert "by width" not in printed(capsys, fitted("a", "undercomplete"), fitted("b", "denoising"))


def test_noise_has_a_table_of_its_own(capsys: pytest.CaptureFixture[str]) -> None:
    fitted("d", "denoising", "--denoising.corruption", "masking", "--denoising.level", "0.25")
    out = printed(capsys, "d")
    assert "[" not in out
    assert "{" not in out
    title, header, *rows = out[out.index("masking noise") :].splitlines()
    assert title == "masking noise, mean squared errors: d"
    assert header.split() == ["level", "corrupted", "denoised", "ridge"]
    assert [row.split()[0] for row in rows] == ["0.1", "0.2", "0.25", "0.3", "0.4", "0.5"]


def test_progress_is_talk_and_the_result_is_not(capsys: pytest.CaptureFixture[str]) -> None:
    fitted("a", "undercomplete")
    capsys.readouterr()
    cli.run(["eval", "a", "--json"])
    out, err = capsys.readouterr()
    assert json.loads(out)[0]["run"] == "a"
    assert "scoring a" in err


@pytest.mark.parametrize("columns", [80, 120])
def test_four_runs_with_long_names_can_be_read_on_a_terminal(columns: int) -> None:
    variants = ("undercomplete", "sparse", "denoising", "variational")
    assert cli.run(["fit", "--steps", "12"]) == 0
    names = [next(Path("runs").glob(f"{variant}-*")).name for variant in variants]
    child = pexpect.spawn(
        sys.executable,
        ["-m", "trainer.cli", "eval", *names],
        dimensions=(50, columns),
        encoding="utf-8",
        timeout=120,
    )
    child.expect(pexpect.EOF)
    text = re.sub(r"\x1b\[[0-9;]*m", "", str(child.before))
    lines = [line.rstrip() for line in text.splitlines()]
    assert max(map(len, lines)) <= columns
    mse = next(line for line in lines if line.startswith("mse "))
    shown = [json.loads(Path("runs", name, "eval.json").read_text())["mse"] for name in names]
    assert mse.split()[1:] == [f"{value:.4g}" for value in shown]
    for piece in ("undercomplete", "-digits", "reconstruction"):
        assert piece in text
