"""What is said of a run beside the table."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from aetui.follow.entries import Entry
from aetui.follow.readers import RunReader
from aetui.runs.columns import table
from aetui.runs.run_facts import alerts, config_differences, details, evaluation, everything, flat
from aetui.runs.run_summary import Summary, differ
from trainer.runs.folder import RunFolder

MakeRun = Callable[..., RunFolder]


def entry(name: str, **facts: Any) -> Entry:
    return Entry(**{"path": Path(name), "name": name, "state": "finished", "variant": "sparse", "data": "x", **facts})


def read(run: RunFolder) -> Entry:
    return RunReader(run.path).poll()


def test_an_error_comes_first_and_whole(make_run: MakeRun) -> None:
    text = "the loss is not finite " * 20
    assert details(read(make_run("a", state="failed", error=text)))[0] == ("error", text)


def test_the_last_value_of_every_term_is_told(make_run: MakeRun) -> None:
    lines = dict(details(read(make_run("a", rows=10))))
    assert lines["is"] == "undercomplete (mlp) on digits: reconstruction 15, kl 5"


def test_a_run_is_held_against_the_baseline() -> None:
    lines = dict(details(entry("a", loss=1.5), entry("base", loss=2.0)))
    assert lines["base"] == "loss -0.5 (-25.0%) against base"
    assert "sum of other things" in dict(details(entry("a", loss=1.5), entry("base", data="y")))["base"]
    assert "base" not in dict(details(entry("a"), entry("a")))


def test_alerts_are_read_and_what_is_none_is_passed_over(make_run: MakeRun) -> None:
    run = make_run("a")
    assert alerts(run) == []
    rows = ['{"step": 3, "text": "the loss jumped", "hint": "lower --lr"}', '{"kind": "health"}', "[1]", "{", "\ud800x"]
    run.health.write_text("\n".join(rows), errors="surrogatepass")
    assert alerts(run) == [("step 3", "the loss jumped; lower --lr")]


@pytest.mark.parametrize("wrapped", [True, False])
def test_an_evaluation_is_its_numbers(make_run: MakeRun, wrapped: bool) -> None:
    run = make_run("a")
    found = {"run": "a", "mse": 0.0123456789, "n": 180, "noise_sweep": [{"level": 1}], "nll_nats": None}
    run.evaluation.write_text(json.dumps([found] if wrapped else found))
    assert evaluation(run) == [("run", "a"), ("mse", "0.0123457"), ("n", "180")]


@pytest.mark.parametrize("text", ["", "{", "[]", "3", '"x"'])
def test_a_damaged_evaluation_is_none(make_run: MakeRun, text: str) -> None:
    run = make_run("a")
    run.evaluation.write_text(text)
    assert evaluation(run) == []


def test_options_in_which_runs_differ() -> None:
    a = {"seed": 0, "epochs": 3, "sparse": {"l1": 0.1}, "resolved": {"lr": 1.0}}
    b = {"seed": 1, "epochs": 3, "sparse": {"l1": 0.1}, "resolved": {"lr": 2.0}, "hidden": [64, 32]}
    assert config_differences([a, b]) == [("seed", ["0", "1"]), ("hidden", ["", "64 32"])]
    assert config_differences([a, a]) == []
    assert flat(a)["sparse.l1"] == "0.1"


def test_options_of_one_variant_alone_are_no_difference(make_run: MakeRun) -> None:
    runs = [
        read(make_run("a", variant="sparse", options={"l1": 0.1})),
        read(make_run("b", variant="sparse", options={"l1": 0.2})),
        read(make_run("c", variant="denoising", options={"level": 0.3})),
    ]
    assert dict(differ(runs)) == {
        "variant": ["sparse", "sparse", "denoising"],
        "sparse.l1": ["0.1", "0.2", ""],
    }


def test_everything_of_a_run_is_in_parts(make_run: MakeRun) -> None:
    run = make_run("a", variant="sparse", options={"l1": 0.1})
    run.log.write_text("".join(f"line {i}\n" for i in range(100)))
    parts = dict(everything(read(run)))
    assert ("sparse.l1", "0.1") in parts["options"]
    assert parts["resolved"] == [("steps_per_epoch", "10")]
    assert parts["end of trainer.log"][-1] == ("", "line 99")
    assert ("folder", str(run.path.absolute())) in parts[""]


def test_a_run_without_a_config_says_so(make_run: MakeRun) -> None:
    run = make_run("a")
    found = read(run)
    run.config.write_text("= broken")
    assert any("no readable config.toml" in value for _, lines in everything(found) for _, value in lines)


def test_the_pane_is_read_again_when_a_file_changed(make_run: MakeRun) -> None:
    run = make_run("a", variant="sparse", options={"l1": 0.1})
    summary, found = Summary(), read(run)
    assert ("sparse", "l1 0.1") in summary.lines(found, [])
    run.evaluation.write_text('{"mse": 0.5}')
    assert ("mse", "0.5") in summary.lines(found, [])


def test_marked_runs_are_compared_in_the_pane(make_run: MakeRun) -> None:
    runs = [read(make_run(name, variant="sparse", options={"l1": l1})) for name, l1 in (("a", 0.1), ("b", 0.2))]
    lines = Summary().lines(runs[0], runs)
    assert lines[:2] == [("differ", "a | b"), ("l1", "0.1 | 0.2")]
    title, parts = Summary().everything(runs[0], runs)
    assert title == "a"
    assert parts[0][0] == "2 marked runs differ"
    assert parts[0][1][-1] == ("sparse.l1", "(1) 0.1   (2) 0.2")


def test_a_moment_that_is_none_is_left_out() -> None:
    assert "started" not in table([entry("a", started=1e300)], 200)[0]
