"""``python -m bench.train``: how fast the trainer is, beside everything else that trains the same network.

All in one run, contenders in turn, medians of the rounds. Needs Fashion-MNIST; peers come with the extra ``bench``, and
one that is not installed is left out. About ten minutes on two cores; ``--only`` runs a part.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench import page, whole_runs
from bench.contenders import WORKS
from bench.figures import Figure, all_passed
from bench.machine import ROOT, aetrain, cores, environment, facts, run, talk
from bench.rounds import Rates, interleave, ratio, together

Part = Callable[[argparse.Namespace], tuple[list[Figure], Any]]
"""Measures; returns the figures, and whatever is worth keeping beside them."""

BUSY = 0.5
"""Load average at which figures say more about the machine's other work than about the contenders: threads that wait
by spinning, as most of the contenders' do, come to a crawl beside another process."""

_AGAINST: dict[str, list[tuple[str, str, float | None, float | None]]] = {
    "lecture": [
        ("pythae", "pythae", 2.5, 3.0),
        ("lightning", "Lightning on tensors", 2.5, 3.0),
        ("pictures", "the Dataset + PIL + DataLoader loop", 10.0, None),
        ("tensors", "TensorDataset + DataLoader", None, None),
        ("slices", "slices with fused Adam", None, None),
        ("hand", "the hand-written step", None, None),
        ("jax", "JAX, the epoch in one scan", None, 1.0),
        ("floor", "the floor", 0.5, None),
    ],
    "vae": [
        ("pictures", "the Dataset + PIL + DataLoader loop", 4.0, None),
        ("slices", "slices with fused Adam", None, None),
    ],
    "conv": [
        ("pictures", "the Dataset + PIL + DataLoader loop", 1.7, None),
        ("slices", "slices with fused Adam", None, None),
    ],
}
"""work → (contender, in words, times as fast as it to reach, stretch)."""
_CALLED = {"lecture": "lecture's network", "vae": "VAE 784-400-20", "conv": "convolutions"}


def _threads(options: argparse.Namespace) -> list[int]:
    return [threads for threads in options.threads if threads <= cores()]


def _words(threads: int) -> str:
    return "1 thread" if threads == 1 else f"{threads} threads"


def _work(work: str) -> Part:
    def part(options: argparse.Namespace) -> tuple[list[Figure], Any]:
        figures, tables = [], {}
        for threads in _threads(options):
            table = interleave(work, WORKS[work], threads, options.rounds, options.seconds)
            tables[str(threads)] = {name: rates.json() for name, rates in table.items()}
            _same_network(table)
            figures += [
                Figure(
                    what=f"{_CALLED[work]} against {words}, {_words(threads)}",
                    value=ratio(table, "aetui", other),
                    unit="×",
                    reach=reach,
                    stretch=stretch,
                )
                for other, words, reach, stretch in _AGAINST[work]
            ]
        return figures, tables

    return part


def _same_network(table: dict[str, Rates]) -> None:
    """Refuse a comparison of networks of different size."""
    sizes = {name: rates.parameters for name, rates in table.items() if rates.parameters}
    if len(set(sizes.values())) > 1:
        raise RuntimeError(f"not the same network: {sizes}")


def _curve(options: argparse.Namespace) -> tuple[list[Figure], Any]:
    worst = json.loads(run([sys.executable, "-m", "bench.curve"], env=environment(1), cwd=ROOT).splitlines()[-1])
    # Convolutions magnify rounding: start weights that differ by 1e-7 have curves that differ by 1e-4 in 100 steps.
    reach = {"lecture": 1e-5, "vae": 1e-5, "conv": None}
    return [
        Figure(
            what=f"{_CALLED[work]}: losses of 100 steps, largest relative difference from plain autograd",
            value=value,
            unit="",
            reach=reach[work],
            at_most=True,
        )
        for work, value in worst.items()
    ], worst


def _io(options: argparse.Namespace) -> tuple[list[Figure], Any]:
    measured = whole_runs.overhead(pairs=3, epochs=10)
    value = 100 * measured["share"]
    what = "log, live graphs, samples, checkpoints, heartbeat, control, against --no-io"
    return [Figure(what=what, value=value, unit="%", reach=3.0, at_most=True)], measured


def _memory(options: argparse.Namespace) -> tuple[list[Figure], Any]:
    measured = whole_runs.memory()
    what = "peak memory above interpreter, torch and data"
    return [Figure(what=what, value=measured["above_mib"], unit="MiB", reach=150, at_most=True)], measured


def _start(options: argparse.Namespace) -> tuple[list[Figure], Any]:
    measured = whole_runs.first_step(options.rounds)
    what = "aetrain fit from command to first step, on top of import torch"
    return [Figure(what=what, value=measured["on_top_s"], unit="s", reach=0.7, at_most=True)], measured


def _more(options: argparse.Namespace) -> tuple[list[Figure], Any]:
    """What a larger batch would bring, four models in one process, and four runs at once in processes of one thread."""
    figures: list[Figure] = []
    measured: dict[str, Any] = {}
    talk("more: four processes at once")
    at_once = statistics.median(together("more", "aetui", 4, options.rounds, options.seconds))
    for threads in _threads(options):
        table = interleave("more", WORKS["more"], threads, options.rounds, options.seconds)
        measured[str(threads)] = {name: rates.json() for name, rates in table.items()}
        alone = table["aetui"].median
        assert alone
        for words, value in (
            ("batch 512 against 128", ratio(table, "aetui-512", "aetui")),
            ("4 networks in batched products, images × networks, against one", ratio(table, "stacked", "aetui")),
            ("4 runs at once, one thread each, against one after the other", at_once / alone),
        ):
            figures.append(Figure(what=f"{words}, {_words(threads)}", value=value, unit="×"))
    return figures, {**measured, "four_at_once_images_per_s": round(at_once)}


PARTS: dict[str, Part] = {
    "lecture": _work("lecture"),
    "vae": _work("vae"),
    "conv": _work("conv"),
    "curve": _curve,
    "io": _io,
    "memory": _memory,
    "start": _start,
    "more": _more,
}


def parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.train", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    parser.add_argument("--only", nargs="+", choices=PARTS, metavar="PART", help=f"parts: {', '.join(PARTS)}")
    parser.add_argument("--rounds", type=_positive, default=5, help="rounds per contender (default 5)")
    parser.add_argument("--seconds", type=float, default=0.8, help="seconds per round (default 0.8)")
    parser.add_argument("--page", type=Path, help="replace the section of this page, docs/results.md, by the figures")
    parser.add_argument("--threads", type=_positive, nargs="+", default=[2, 1], help="thread counts (default 2 1)")
    return parser


def _positive(text: str) -> int:
    if (value := int(text)) < 1:
        raise ValueError
    return value


def main(arguments: list[str] | None = None) -> int:
    options = parser().parse_args(arguments)
    machine, start = facts(), time.monotonic()
    run(aetrain("data", "fashion-mnist"))  # fails here, not later, where the images are not to be had
    figures: list[Figure] = []
    measured = {}
    for name, part in PARTS.items():
        if options.only is None or name in options.only:
            talk(f"== {name}")
            found, measured[name] = part(options)
            figures += found
    seconds = round(time.monotonic() - start)
    if machine["load_average"] > BUSY:
        talk(
            f"the machine was busy before the first round (load {machine['load_average']}): do not trust these figures"
        )
    if options.page:
        page.replace(options.page, "train", _section(machine, figures))
    if options.json:
        result = {
            "machine": machine,
            "settings": {"rounds": options.rounds, "seconds": options.seconds, "threads": _threads(options)},
            "took_s": seconds,
            "quiet": machine["load_average"] <= BUSY,
            "figures": [figure.json() for figure in figures],
            "measured": measured,
            "pass": all_passed(figures),
        }
        print(json.dumps(result, indent=2, ensure_ascii=False))
    else:
        _print(machine, measured, figures, seconds)
    return 0 if all_passed(figures) else 1


def _section(machine: dict[str, Any], figures: list[Figure]) -> list[str]:
    facts = ", ".join(f"{name} {value}" for name, value in machine.items() if name != "load_average")
    return [f"{facts}.", "", *page.table(["what", "measured", "reach", "reached"], [one.row() for one in figures])]


def _print(machine: dict[str, Any], measured: dict[str, Any], figures: list[Figure], seconds: int) -> None:
    from trainer.tables import print_table

    print(", ".join(f"{name} {value}" for name, value in machine.items()), f"({seconds} s)\n")
    for work in (work for work in WORKS if work in measured):
        tables = {threads: table for threads, table in measured[work].items() if threads.isdigit()}
        columns = [_words(int(threads)) for threads in tables]
        names = next(iter(tables.values()))
        rows = [
            [rates["what"], *(tables[threads][name]["images_per_s"] for threads in tables), rates["absent"] or ""]
            for name, rates in names.items()
        ]
        print_table([f"{work}: images/s", *columns, ""], rows)
        print()
    print_table(["what", "measured", "reach", "reached"], [figure.row() for figure in figures])


if __name__ == "__main__":
    sys.exit(main())
