"""``python -m bench.results``: train, score and print every run of docs/results.md, and replace its table.

Three seeds each, medians; hours on two cores. A run that has finished is not trained again, one that was cut off goes
on: start it again with the same ``--runs-dir`` after an interruption. Another recipe is another folder; after a change
of the trainer take another ``--runs-dir``.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import shlex
import statistics
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from bench import page, speedrun
from bench.machine import AETRAIN, ROOT, aetrain, cores, environment, facts, run, talk
from bench.recipes import COLLAPSE, COLLAPSE_SEEDS, RECIPES, Recipe, Scores
from bench.scores import collapsed

JSON = ROOT / "docs" / "results.json"
NAMES = (*RECIPES, "speedrun", "collapse")


class Workshop:
    """Where the runs lie, and how they are made: so many at once, each with its share of the cores."""

    def __init__(self, runs_dir: Path, jobs: int) -> None:
        self.runs_dir = runs_dir.absolute()
        self.jobs = jobs
        self._environment = environment(max(1, cores() // jobs), **AETRAIN)

    def trained(self, name: str, command: str) -> Path:
        """The folder of a finished run of ``command`` (a line ``aetrain fit …``), which is trained if it must be."""
        folder = self.runs_dir / f"{name}-{hashlib.sha256(command.encode()).hexdigest()[:6]}"
        state = _state(folder)
        if state != "finished":
            talk(f"{folder.name}: {'go on' if state else command}")
            arguments = ["resume", folder] if state else [*shlex.split(command)[1:], *self._place(folder)]
            run(aetrain(*arguments), env=self._environment)
        return folder

    def _place(self, folder: Path) -> list[str]:
        return ["--runs-dir", str(self.runs_dir), "--name", folder.name]

    def scored(self, folder: Path, *, exported: bool) -> Scores:
        """What ``aetrain eval`` says of a run, with ``exported`` also ``bench.scores``; kept in the run's folder."""
        kept = folder / f"bench-scores{'-exported' * exported}.json"
        if not kept.exists():
            talk(f"{folder.name}: score")
            scores: Scores = json.loads(run(aetrain("eval", folder, "--json"), env=self._environment))[0]
            if exported:
                scores |= self.added([folder], exported=True)[folder.name]
            kept.write_text(json.dumps(scores, indent=1), encoding="utf-8")
        return dict(json.loads(kept.read_text(encoding="utf-8")))

    def added(self, folders: list[Path], *, exported: bool = False) -> dict[str, Scores]:
        """What ``bench.scores`` says, by the name of the run."""
        flags = ["--exported"] if exported else []
        command = [sys.executable, "-m", "bench.scores", *map(str, folders), *flags]
        return dict(json.loads(run(command, env=self._environment, cwd=ROOT).splitlines()[-1]))

    def each(self, work: Callable[[Any], Any], items: list[Any]) -> list[Any]:
        with ThreadPoolExecutor(self.jobs) as pool:
            return list(pool.map(work, items))


def _state(folder: Path) -> str | None:
    """The state in the run's status, or None where there is no run."""
    try:
        return str(json.loads((folder / "status.json").read_text(encoding="utf-8"))["state"])
    except OSError:
        return None


def recipe(shop: Workshop, name: str, seeds: list[int]) -> list[Scores]:
    """Train and score a recipe in every seed."""
    what = RECIPES[name]

    def one(seed: int) -> Scores:
        folder = shop.trained(f"{name}-s{seed}", what.command(seed))
        return shop.scored(folder, exported=what.exported)

    return shop.each(one, seeds)


def rows_of(what: Recipe, scores: list[Scores]) -> list[dict[str, Any]]:
    """A row of the table per goal: the values in every seed, their median, and whether that is good enough."""
    rows = []
    for goal in what.goals:
        values = [goal.value(one) for one in scores]
        median, reach = statistics.median(values), goal.reach_of(scores[0])
        row = {
            "what": goal.what,
            "values": values,
            "median": median,
            "reach": reach,
            "sign": ("<" if goal.strictly else "≤") if goal.at_most else (">" if goal.strictly else "≥"),
            "digits": goal.digits,
            "pass": goal.passed(median, reach),
        }
        rows.append(row)
    return rows


def collapse(shop: Workshop, seeds: int) -> list[dict[str, Any]]:
    """How many runs of each variant, with defaults, end at the mean image."""
    from trainer.variants import VARIANTS

    rows = []
    for data, options in COLLAPSE.items():

        def one(job: tuple[str, int], data: str = data, options: str = options) -> Path:
            variant, seed = job
            command = " ".join(f"aetrain fit {variant} {options} --seed {seed}".split())
            return shop.trained(f"collapse-{data.split(',')[0]}-{variant}-s{seed}", command)

        folders = shop.each(one, [(variant, seed) for seed in range(seeds) for variant in VARIANTS])
        scores = shop.added(folders)
        gone = [name for name, one_score in scores.items() if collapsed(one_score)]
        worst = max(scores.values(), key=lambda one_score: one_score["mse"] / one_score["mean_image_mse"])
        rows.append(
            {
                "what": f"collapsed, of {len(folders)} ({data})",
                "values": [worst["mse"] / worst["mean_image_mse"]],
                "note": f"highest MSE {worst['mse'] / worst['mean_image_mse']:.2f} of the mean image's",
                "median": len(gone),
                "reach": 0,
                "sign": "≤",
                "digits": 0,
                "pass": not gone,
                "collapsed": gone,
            }
        )
    return rows


def speed(seeds: list[int]) -> list[dict[str, Any]]:
    """The rows of ``bench.speedrun``."""
    results = speedrun.measure(seeds)
    rows = []
    for name, figure, digits in zip(("seconds", "mse"), speedrun.figures(results), (1, 4), strict=True):
        values = [result[name] for result in results]
        what = "seconds to test MSE ≤ 0.0220" if name == "seconds" else "MSE then"
        row = {"what": what, "values": values, "median": figure.value, "reach": figure.reach}
        rows.append({**row, "sign": "≤", "digits": digits, "pass": figure.passed})
    return rows


def render(table: dict[str, Any]) -> list[str]:
    """The section of docs/results.md for what docs/results.json holds."""
    lines, commands = [], []
    for name in NAMES:
        if name not in table["rows"]:
            continue
        entry = table["rows"][name]
        for row in entry["rows"]:
            reach = "" if row["reach"] is None else f"{row['sign']} {row['reach']:.{row['digits']}f}"
            verdict = {True: "yes", False: "**no**", None: ""}[row["pass"]]
            lines.append([name, row["what"], *_numbers(row), reach, verdict, entry["reference"]])
        commands.append(f"{entry['command']}   # {name}")
    columns = ["run", "figure", "median", "over the seeds", "reach", "reached", "reference"]
    machine = ", ".join(f"{name} {value}" for name, value in table["machine"].items() if name != "load_average")
    seeds = ", ".join(map(str, table["seeds"]))
    return [
        f"Medians over seeds {seeds} on the test set; MSE per pixel, pixels in [0, 1]. {machine}.",
        "",
        *page.table(columns, lines),
        "",
        "Any of them by hand (then `aetrain eval RUN`), or all with `python -m bench.results`:",
        "",
        "```sh",
        *commands,
        "```",
    ]


def _numbers(row: dict[str, Any]) -> list[str]:
    shown = [f"{value:.{row['digits']}f}" for value in (row["median"], min(row["values"]), max(row["values"]))]
    return [shown[0], row.get("note", f"{shown[1]}–{shown[2]}")]


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.results", description=__doc__)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2], help="seeds of each run (default 0 1 2)")
    parser.add_argument("--only", nargs="+", choices=NAMES, metavar="ROW", help=f"rows: {', '.join(NAMES)}")
    parser.add_argument("--jobs", type=int, default=cores(), help="runs at once (default: one per core)")
    parser.add_argument("--runs-dir", type=Path, default=Path("runs/results"), help="folder of the runs")
    parser.add_argument("--collapse-seeds", type=int, default=COLLAPSE_SEEDS, help="seeds of each variant in that row")
    parser.add_argument("--json-file", type=Path, default=JSON, help="keeps all rows (default docs/results.json)")
    parser.add_argument("--page", type=Path, default=page.PAGE, help="page with the table (default docs/results.md)")
    parser.add_argument("--render", action="store_true", help="measure nothing, only write the table again")
    options = parser.parse_args(arguments)
    table = _kept(options.json_file)
    shop = Workshop(options.runs_dir, options.jobs)
    for name in () if options.render else options.only or NAMES:
        table["rows"][name] = measure(shop, name, options)
        table |= {"machine": facts(), "seeds": options.seeds}
        options.json_file.write_text(json.dumps(table, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    lines = render(table)
    page.replace(options.page, "results", lines)
    print("\n".join(lines))
    return 0 if all(row["pass"] is not False for entry in table["rows"].values() for row in entry["rows"]) else 1


def measure(shop: Workshop, name: str, options: argparse.Namespace) -> dict[str, Any]:
    """Everything about one row: its command, its figures, its reference."""
    if name == "speedrun":
        reference = "4 epochs, half-epoch warm-up + cosine from 6e-3: 0.0219; pythae's way, 10 epochs: 55 s"
        return {"command": speedrun.command(), "reference": reference, "rows": speed(options.seeds)}
    if name == "collapse":
        command = "; ".join(" ".join(f"aetrain fit {flags} --seed N".split()) for flags in COLLAPSE.values())
        reference = "lr 1e-3: 0 of 8; lr 3e-2: 1 of 10"
        return {"command": command, "reference": reference, "rows": collapse(shop, options.collapse_seeds)}
    what = RECIPES[name]
    rows = rows_of(what, recipe(shop, name, options.seeds))
    return {"command": what.command(), "reference": what.reference, "rows": rows}


def _kept(path: Path) -> dict[str, Any]:
    if not path.exists():
        return {"machine": {}, "seeds": [], "rows": {}}
    return dict(json.loads(path.read_text(encoding="utf-8")))


if __name__ == "__main__":
    sys.exit(main())
