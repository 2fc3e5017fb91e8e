"""What screen 1 says in words."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rich.style import Style
from rich.table import Table
from rich.text import Text

from aetui.follow.entries import Entry
from aetui.runs.run_facts import Facts
from aetui.runs.sorting import Order
from aetui.terminal.outside_text import outside, plain

EMPTY = """no runs in {folder}

start one here:      press n
or from a shell:     aetrain fit
                     (trains the four variants on the digits)
a run elsewhere:     aetui FOLDER
"""

NOTHING_PASSES = """none of {count} runs passes the filter   {filter}

change it:           press /
show all runs:       press F
"""

GRAMMAR: list[tuple[str, Facts]] = [
    (
        "words",
        [
            ("digits", "in the name, the variant or the data, whatever the case"),
            ('"two words"', "with spaces, brackets or quotes in it"),
            ("big-*", "* stands for anything"),
            ("/^a.*b$/", "a regular expression, of the name, the variant or the data"),
        ],
    ),
    (
        "fields",
        [
            ("variant:vae", "contains it; = is it exactly, != is it not; ae, sae, dae and vae are the variants"),
            ("state:running", "also active (trains or pauses), over, broken"),
            ("name:/re/", "name, variant, data, arch, state, device, error"),
            ("loss<0.03", "< <= > >= for loss, epoch, step, images/s, eta (s), latent-dim, lr, batch-size"),
            ("epoch:5..9", "from 5 to 9; loss:0.03 is what is written so; 10k is 10,000; eta:none has none"),
            ("beta:4", "any option of aetrain fit, as variational.beta or beta; hidden:512"),
            ("kl<5", "the last value of a logged term, on validation; train.kl on train"),
        ],
    ),
    (
        "together",
        [
            ("a b", "both"),
            ("a OR b", "one of them, also a | b"),
            ("-a", "not, also NOT a"),
            ("(a OR b) c", "brackets group"),
        ],
    ),
]


def about(entries: Sequence[Entry], shown: Sequence[Entry], marked: Sequence[Path], order: Order, passing: str) -> str:
    """For the status bar: how many runs there are, what they do, and how they are shown."""
    count = len(entries)
    runs = f"{count} run{'' if count == 1 else 's'}"
    parts = [f"{len(shown)} of {runs} ({passing.strip()})" if passing else runs]
    parts.append(f"{sum(entry.state == 'running' for entry in shown)} running")
    if marked:
        parts.append(f"{len(marked)} marked")
    if order != Order():
        parts.append(f"by {order.by or 'age'}")
    return ", ".join(parts)


_LABEL = 7


def clipped(lines: Facts, width: int, *, unicode: bool) -> Text:
    """A line each, cut to ``width`` cells; an error is not cut, it is what matters."""
    text = Text(no_wrap=not any(label == "error" for label, _ in lines), end="")
    for number, (label, value) in enumerate(lines):
        text.append(("\n" if number else "") + f" {plain(label, _LABEL):<{_LABEL}} ", Style(dim=True))
        room = None if label == "error" else max(1, width - _LABEL - 2)
        text.append_text(outside(value, room, unicode=unicode))
    return text


def wrapped(lines: Facts, *, unicode: bool) -> Table:
    """The same in two columns, nothing cut."""
    grid = Table.grid(padding=(0, 1))
    grid.add_column(no_wrap=True, style=Style(dim=True))
    grid.add_column(overflow="fold")
    for label, value in lines:
        shown = outside(value, unicode=unicode)
        shown.no_wrap = False
        grid.add_row(f" {plain(label, 18, unicode=unicode)}", shown)
    return grid
