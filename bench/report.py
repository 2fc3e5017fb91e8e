"""What every benchmark of figures does with its parts: run them, print a table or JSON, write its section of a page."""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from bench import page
from bench.figures import Figure, all_passed
from bench.machine import facts, talk

Part = Callable[[Path], list[Figure]]
"""Measures in an empty folder of its own."""


def report(name: str, description: str | None, parts: Mapping[str, Part], arguments: list[str] | None) -> int:
    """``python -m bench.<name>``: its command line. Returns the exit code: 1 where a figure was missed."""
    parser = argparse.ArgumentParser(prog=f"python -m bench.{name}", description=description)
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    parser.add_argument("--only", nargs="+", choices=parts, metavar="PART", help=f"parts: {', '.join(parts)}")
    parser.add_argument("--page", type=Path, help="replace the section of this page, docs/results.md, by the figures")
    options = parser.parse_args(arguments)
    machine, figures = facts(), []
    for part, measure in parts.items():
        if options.only is None or part in options.only:
            talk(f"== {part}")
            with tempfile.TemporaryDirectory() as folder:
                figures += measure(Path(folder))
    columns = ["what", "measured", "reach", "reached"]
    if options.page:
        said = ", ".join(f"{fact} {value}" for fact, value in machine.items() if fact != "load_average")
        page.replace(options.page, name, [f"{said}.", "", *page.table(columns, [one.row() for one in figures])])
    if options.json:
        result = {"machine": machine, "figures": [one.json() for one in figures], "pass": all_passed(figures)}
        print(json.dumps(result, indent=2, ensure_ascii=False))
    else:
        from trainer.tables import print_table

        print_table(columns, [one.row() for one in figures])
    return 0 if all_passed(figures) else 1
