"""docs/results.md: sections between markers, replaced as a whole."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from bench.machine import ROOT

PAGE = ROOT / "docs" / "results.md"


def markers(name: str) -> tuple[str, str]:
    return f"<!-- {name}: written by python -m bench.{name} -->", f"<!-- {name}: end -->"


def replace(page: Path, name: str, lines: Sequence[str]) -> None:
    """Put ``lines`` between the markers of section ``name``. Raises ValueError where the page has none."""
    begin, end = markers(name)
    text = page.read_text(encoding="utf-8")
    if text.count(begin) != 1 or text.count(end) != 1 or text.index(begin) > text.index(end):
        raise ValueError(f"{page} has no section between {begin!r} and {end!r}")
    before, _, rest = text.partition(begin)
    after = rest.partition(end)[2]
    section = "\n".join([begin, "", *lines, "", end])
    page.write_text(before + section + after, encoding="utf-8")


def table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """A Markdown table; a cell's own bars are escaped."""
    cells = [[cell.replace("|", "\\|") for cell in row] for row in rows]
    return [_line(columns), _line(["---"] * len(columns)), *(_line(row) for row in cells)]


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
