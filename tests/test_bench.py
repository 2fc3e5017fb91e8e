"""The benchmarks: what they compare is the same network, and their tables say what was measured."""

from __future__ import annotations

import dataclasses
import itertools
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bench import contenders, curve, models, page, recipes, results, scores, speedrun, train
from bench.figures import Figure, all_passed
from bench.rounds import Rates, ratio
from trainer.data.dataset import DataSet, Split

ROOT = Path(page.__file__).parent.parent


def noise_images(count: int = 300) -> DataSet:
    """uint8 28×28 images that are noise around one pattern: enough to follow a loss."""
    generator = np.random.default_rng(0)
    pattern = generator.uniform(0, 200, (1, 28, 28))
    images = (pattern + generator.uniform(0, 55, (count, 1, 28, 28))).astype(np.uint8)
    splits = {
        name: Split(images=part, labels=np.zeros(len(part), np.int64), index=np.arange(len(part), dtype=np.int64))
        for name, part in zip(("train", "validation", "test"), np.split(images, [count - 20, count - 20]), strict=True)
    }
    return DataSet(name="noise", classes=("all",), source="made by the test", **splits)


@pytest.mark.parametrize("work", ["lecture", "vae"])
def test_a_run_has_the_loss_curve_of_the_plain_autograd_loop(work: str) -> None:
    assert curve.difference(work, noise_images(), steps=12) <= 1e-5


def test_the_hand_written_step_has_the_losses_of_autograd() -> None:
    import torch

    from bench.by_hand import HandWritten, Layers

    torch.manual_seed(0)
    model = models.Lecture()
    x = torch.rand(16, 784) * 2 - 1
    by_hand = HandWritten(model, 16)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    for _ in range(5):
        optimizer.zero_grad()
        loss = model.loss(x.view(16, 1, 28, 28))
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        assert by_hand.step(x).item() == pytest.approx(loss.item(), rel=1e-6)
    assert Layers((3, 2)).adam.weights.shape == (8,)


def test_four_stacked_networks_have_the_sum_of_the_losses() -> None:
    import torch

    from bench.by_hand import Stacked

    torch.manual_seed(0)
    stacked = Stacked()
    torch.manual_seed(0)
    alone = [models.Lecture() for _ in range(Stacked.MODELS)]
    x = torch.rand(8, 784) * 2 - 1
    total = sum(model.loss(x.view(8, 1, 28, 28)).item() for model in alone)
    assert stacked.loss(x).item() == pytest.approx(total, rel=1e-6)


def test_the_contenders_of_a_work_train_networks_of_one_size() -> None:
    from bench.ours import config_of
    from trainer.nets import build
    from trainer.prepare import resolve

    data = noise_images()
    for work, model in (
        ("lecture", models.Lecture),
        ("vae", models.Vae),
        ("vae", models.UsualVae),
        ("conv", models.Conv),
    ):
        config = config_of(work, 128, epochs=1)
        ours = build(resolve(config, data), config.variant, config.fit.arch, 0)
        assert [w.shape for w in ours.parameters()] == [w.shape for w in model().parameters()]


def test_every_contender_names_code_that_is_there() -> None:
    import importlib

    for work in contenders.WORKS.values():
        for contender in work.values():
            module, _, function = contender.make.partition(":")
            assert callable(getattr(importlib.import_module(module), function))
            assert contender.model is None or hasattr(models, contender.model)
    assert all(name in contenders.WORKS[work] for work, rows in train._AGAINST.items() for name, *_ in rows)


def test_a_contender_answers_rounds_over_its_pipe() -> None:
    """Only what a round is made of: the process itself needs the real images."""
    from bench.worker import timed

    done: list[int] = []
    images, seconds = timed(done.append, batch=10)(0.01)
    assert images == 10 * sum(done)
    assert seconds >= 0.01


def test_a_ratio_is_the_median_of_the_rounds_not_the_ratio_of_medians() -> None:
    table = {"a": Rates("", None, rounds=[10, 20, 90]), "b": Rates("", None, rounds=[1, 1, 3]), "c": Rates("", None)}
    assert ratio(table, "a", "b") == 20
    assert ratio(table, "a", "c") is None


def test_a_figure_passes_on_its_own_side_of_the_reach() -> None:
    fast = Figure(what="speed", value=2.5, unit="×", reach=2.5, stretch=3)
    heavy = dataclasses.replace(fast, value=2.6, at_most=True)
    unknown = dataclasses.replace(fast, value=None)
    assert [figure.passed for figure in (fast, heavy, unknown)] == [True, False, None]
    assert fast.json()["stretch_reached"] is False
    assert all_passed([fast, unknown])
    assert not all_passed([fast, heavy])
    json.dumps([figure.json() for figure in (fast, heavy, unknown)], allow_nan=False)


def test_options_of_the_parts_are_held_against_what_there_is() -> None:
    assert train.parser().parse_args(["--only", "vae", "--rounds", "2"]).only == ["vae"]
    for wrong in (["--only", "nothing"], ["--rounds", "0"]):
        with pytest.raises(SystemExit):
            train.parser().parse_args(wrong)


@pytest.mark.parametrize("module", ["train", "speedrun", "results", "scores"])
def test_each_script_says_what_it_does(module: str) -> None:
    command = [sys.executable, "-m", f"bench.{module}", "--help"]
    said = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT, timeout=60).stdout
    assert f"python -m bench.{module}" in said


COMMANDS = [what.command(0) for what in recipes.RECIPES.values()] + [
    f"aetrain fit {options} --seed 0" for options in recipes.COLLAPSE.values()
]


@pytest.mark.parametrize("command", [*COMMANDS, speedrun.command()])
def test_a_command_that_the_page_prints_is_one_that_fit_takes(command: str, monkeypatch: Any) -> None:
    """Parsed and checked by ``aetrain`` itself, up to where it would train."""
    from trainer import cli
    from trainer.commands import fit

    asked: list[Any] = []
    monkeypatch.setattr(fit, "train_all", lambda configs, runs, **rest: asked.extend(configs) or 0)
    words = command.split()
    assert words[0] == "aetrain"
    assert cli.run(words[1:]) == 0
    assert asked


def test_a_goal_is_judged_against_its_reach() -> None:
    below_pca = recipes.RECIPES["undercomplete-3"]
    rows = results.rows_of(below_pca, [{"mse": mse, "pca_mse": 0.04} for mse in (0.03, 0.05, 0.02)])
    assert [(row["median"], row["reach"], row["sign"], row["pass"]) for row in rows] == [(0.03, 0.04, "<", True)]
    sweep = [{"level": level, "denoised_mse": level, "ridge_mse": 0.25} for level in (0.1, 0.2, 0.3, 0.4, 0.5)]
    (row,) = results.rows_of(recipes.RECIPES["denoising-blind"], [{"noise_sweep": sweep}])
    assert (row["median"], row["pass"]) == (2.0, False)


def test_collapse_is_the_mean_image_or_hardly_any_variance() -> None:
    fine = {"mse": 0.03, "mean_image_mse": 0.08, "variance_share": 0.6}
    assert not scores.collapsed(fine)
    assert scores.collapsed(fine | {"mse": 0.075})
    assert scores.collapsed(fine | {"variance_share": 0.04})
    x = np.random.default_rng(0).random((50, 1, 4, 4), dtype=np.float32)
    assert scores.variance_share(x / 2, x) == pytest.approx(0.25, rel=1e-4)


def test_the_page_keeps_what_stands_around_a_section(tmp_path: Path) -> None:
    path = tmp_path / "page.md"
    begin, end = page.markers("results")
    path.write_text(f"# Title\n\n{begin}\nold\n{end}\n\nbehind\n", encoding="utf-8")
    page.replace(path, "results", page.table(["a"], [["1 | 2"]]))
    assert path.read_text(encoding="utf-8") == f"# Title\n\n{begin}\n\n| a |\n| --- |\n| 1 \\| 2 |\n\n{end}\n\nbehind\n"
    with pytest.raises(ValueError, match="no section"):
        page.replace(path, "train", [])


def test_the_page_of_this_checkout_has_both_sections() -> None:
    text = page.PAGE.read_text(encoding="utf-8")
    assert all(text.count(marker) == 1 for marker in itertools.chain(page.markers("results"), page.markers("train")))


def test_a_run_that_has_finished_is_not_trained_again(tmp_path: Path, monkeypatch: Any) -> None:
    commands: list[list[str]] = []

    def pretend(command: list[str], **options: Any) -> str:
        """Stands in for the process: leaves a run that is half done the first time, finished the second."""
        commands.append(command)
        folder = next(tmp_path.glob("*"), tmp_path / command[-1])
        folder.mkdir(exist_ok=True)
        state = "stopped" if len(commands) == 1 else "finished"
        (folder / "status.json").write_text(json.dumps({"state": state}), encoding="utf-8")
        return ""

    monkeypatch.setattr(results, "run", pretend)
    shop = results.Workshop(tmp_path, jobs=1)
    folders = {shop.trained("a-s0", "aetrain fit undercomplete --steps 5 --seed 0") for _ in range(3)}
    assert len(folders) == 1
    assert [command[3] for command in commands] == ["fit", "resume"]
