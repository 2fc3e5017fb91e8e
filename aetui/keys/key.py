"""``Key``: one row of the table, and ``key()``, which writes one."""

from __future__ import annotations

from typing import NamedTuple

EVERYWHERE = "everywhere"


class Key(NamedTuple):
    """One thing that a key does.

    keys: Textual's names, the first one is the one that is shown. action: Textual's action, looked up on the screen or
    view (or on the app for ``everywhere``). label: for the footer, a word or two. help: one line. where: a screen, a
    view of one (``latent/map``), a dialog, or ``everywhere``. footer: worth a place in the footer. palette: makes
    sense when picked from a list.
    """

    keys: tuple[str, ...]
    action: str
    label: str
    help: str
    where: str
    footer: bool = True
    palette: bool = True


def key(where: str, keys: str, action: str, label: str, help: str, *, footer: bool = True, palette: bool = True) -> Key:
    """A row; ``keys``: Textual's names with spaces between."""
    return Key(
        keys=tuple(keys.split()), action=action, label=label, help=help, where=where, footer=footer, palette=palette
    )


def run_keys(where: str) -> tuple[Key, ...]:
    """Going through the runs, on a screen that shows one of them."""
    return (
        key(where, "right_square_bracket", "step_run(1)", "next run", "show the next run"),
        key(where, "left_square_bracket", "step_run(-1)", "previous run", "show the previous run", footer=False),
    )


def view_keys(where: str) -> tuple[Key, ...]:
    """Going through the views of a screen that has several."""
    return (
        key(where, "tab", "step_view(1)", "next view", "show the next view of this screen"),
        key(where, "shift+tab", "step_view(-1)", "view before", "show the view before", footer=False),
    )
