"""Screen 1."""

from __future__ import annotations

from aetui.keys.key import Key, key

KEYS: tuple[Key, ...] = (
    key("runs", "up k", "move(-1)", "move", "the run above", footer=False, palette=False),
    key("runs", "down j", "move(1)", "move", "the run below", footer=False, palette=False),
    key("runs", "pageup", "move_page(-1)", "move", "a page up", footer=False, palette=False),
    key("runs", "pagedown", "move_page(1)", "move", "a page down", footer=False, palette=False),
    key("runs", "enter", "open_run", "open", "show the curves of the run"),
    key("runs", "space", "mark", "mark", "mark the run: marked runs are overlaid"),
    key("runs", "n", "new_run", "new", "start a training"),
    key("runs", "p", "pause", "pause", "pause the run, or let it go on"),
    key("runs", "x", "stop", "stop", "stop the run at its next step, with a checkpoint"),
    key("runs", "u", "unmark", "unmark", "unmark all runs", footer=False),
)
