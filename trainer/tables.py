"""Results on stdout: a rich table on a terminal, plain columns into a pipe, JSON where it was asked for."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from typing import Any

from export.atomic import finite
from export.errors import visible


def print_json(value: Any) -> None:
    """``value`` as JSON on stdout; non-finite numbers are null."""
    print(json.dumps(finite(value), indent=2, ensure_ascii=False, allow_nan=False, default=str))


def print_table(columns: Sequence[str], rows: Sequence[Sequence[Any]], *, title: str | None = None) -> None:
    """A table on stdout; numbers to the right; a pipe gets no colour, no borders, and every column whole."""
    cells = [[shown(value) for value in row] for row in rows]
    numeric = [any(isinstance(row[i], int | float) for row in rows) for i in range(len(columns))]
    if not sys.stdout.isatty():
        widths = [max(len(line[i]) for line in [list(columns), *cells]) for i in range(len(columns))]
        for line in [list(columns), *cells]:
            aligned = (
                text.rjust(width) if right else text.ljust(width)
                for text, width, right in zip(line, widths, numeric, strict=True)
            )
            print("  ".join(aligned).rstrip())
        return
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(title=title, box=box.SIMPLE_HEAD, pad_edge=False, collapse_padding=True)
    for column, right in zip(columns, numeric, strict=True):
        table.add_column(column, justify="right" if right else "left", overflow="fold", no_wrap=right)
    for line in cells:
        table.add_row(*(Text(text) for text in line))
    Console().print(table)


def shown(value: Any) -> str:
    """A value in a table: four significant digits, a dash for nothing, text made harmless."""
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:,.1f}" if abs(value) >= 1000 else f"{value:.4g}"
    return f"{value:,}" if isinstance(value, int) else visible(str(value))
