"""Results on stdout: a rich table on a terminal, plain columns into a pipe, JSON where it was asked for."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from export.atomic import finite
from export.errors import visible

_GAP = 2
_BESIDE = 14
"""Characters that a column of ``print_beside`` has, at least."""


def print_json(value: Any) -> None:
    """``value`` as JSON on stdout; non-finite numbers are null."""
    print(json.dumps(finite(value), indent=2, ensure_ascii=False, allow_nan=False, default=str))


def print_table(columns: Sequence[str], rows: Sequence[Sequence[Any]], *, title: str | None = None) -> None:
    """A table on stdout; numbers to the right; a pipe gets no colour, no borders, and every column whole."""
    header = [shown(column) for column in columns]
    cells = [[shown(value) for value in row] for row in rows]
    numeric = [any(_is_number(row[i]) for row in rows) for i in range(len(columns))]
    if title:
        print(visible(title))
    if not sys.stdout.isatty():
        _print_plain(header, cells, numeric)
        return
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console()
    # A number is never broken; a name is, at its hyphens, and the header is one.
    whole = [[_is_number(value) for value in row] for row in rows]
    widths = fitting_widths(
        [header, *cells], [[False] * len(columns), *whole], console.width - _GAP * (len(columns) - 1)
    )
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, _GAP - 1, 0, 0))
    for column, right, width in zip(header, numeric, widths, strict=True):
        justify = "right" if right else "left"
        table.add_column(Text(broken(column, width)), justify=justify, overflow="fold", min_width=width)  # type: ignore[arg-type]
    for line, kept in zip(cells, whole, strict=True):
        pairs = zip(line, kept, widths, strict=True)
        table.add_row(*(Text(text if keep else broken(text, width)) for text, keep, width in pairs))
    console.print(table)


def print_beside(corner: str, names: Sequence[str], records: Sequence[Mapping[str, Any]]) -> None:
    """One column per record, under its name, and one row per key that any of them has: for few records of many keys.

    corner: what the keys are. On a terminal as many records stand beside each other as there is room for.
    """
    keys = list(dict.fromkeys(key for record in records for key in record))
    size = len(names)
    if sys.stdout.isatty():
        from rich.console import Console

        size = max(1, (Console().width - max(map(len, [corner, *keys])) - _GAP) // _BESIDE)
    for start in range(0, len(names), size):
        some = slice(start, start + size)
        print_table([corner, *names[some]], [[key, *(record.get(key) for record in records[some])] for key in keys])


def shown(value: Any) -> str:
    """A value in a table: four significant digits, a dash for nothing, text made harmless."""
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:,.1f}" if abs(value) >= 1000 else f"{value:.4g}"
    return f"{value:,}" if isinstance(value, int) else visible(str(value))


def fitting_widths(lines: Sequence[Sequence[str]], whole: Sequence[Sequence[bool]], room: int) -> list[int]:
    """How wide each column is: as its longest cell, or less where all of them together are wider than ``room``.

    Then the widest gives way first, down to the longest piece that ``broken`` leaves; ``whole`` says which cells must
    not be broken. Where that is not enough, either, the result is wider than ``room``.
    """
    columns = range(len(lines[0]))
    widths = [max(len(line[i]) for line in lines) for i in columns]
    least = [
        max(
            len(line[i]) if kept[i] else max(map(len, _pieces(line[i])))
            for line, kept in zip(lines, whole, strict=True)
        )
        for i in columns
    ]
    while sum(widths) > room:
        widest = max(columns, key=lambda i: (widths[i] > least[i], widths[i]))
        if widths[widest] <= least[widest]:
            break
        widths[widest] -= 1
    return widths


def broken(text: str, width: int) -> str:
    """``text`` in lines of at most ``width`` characters, broken before hyphens, slashes, underscores and spaces."""
    lines = [""]
    for piece in _pieces(text):
        if lines[-1] and len(lines[-1]) + len(piece) > width:
            lines.append("")
        lines[-1] += piece
    return "\n".join(line.strip(" ") for line in lines)


def _pieces(text: str) -> list[str]:
    return re.findall(r"[-/_ ]?[^-/_ ]+|[-/_ ]", text) or [""]


def _print_plain(header: Sequence[str], cells: Sequence[Sequence[str]], numeric: Sequence[bool]) -> None:
    widths = [max(len(line[i]) for line in [header, *cells]) for i in range(len(header))]
    for line in [header, *cells]:
        aligned = (
            text.rjust(width) if right else text.ljust(width)
            for text, width, right in zip(line, widths, numeric, strict=True)
        )
        print("  ".join(aligned).rstrip())


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float)
