"""Screen 1."""

from __future__ import annotations

from aetui.keys.key import Key, key

KEYS: tuple[Key, ...] = (
    key("runs", "up k", "move(-1)", "move", "the run above", footer=False, palette=False),
    key("runs", "down j", "move(1)", "move", "the run below", footer=False, palette=False),
    key("runs", "pageup", "move_page(-1)", "move", "a page up", footer=False, palette=False),
    key("runs", "pagedown", "move_page(1)", "move", "a page down", footer=False, palette=False),
    key("runs", "home g", "move(-1000000)", "first", "the first run", footer=False, palette=False),
    key("runs", "end G", "move(1000000)", "last", "the last run", footer=False, palette=False),
    key("runs", "enter", "open_run", "open", "show the curves of the run"),
    key("runs", "space", "mark", "mark", "mark the run: marked runs are overlaid"),
    key("runs", "slash", "filter", "filter", "show some runs: variant:vae loss<0.1 text"),
    key("runs", "n", "new_run", "new", "start a training"),
    key("runs", "p", "pause", "pause", "pause the run, or let it go on"),
    key("runs", "x", "stop", "stop", "stop the run at its next step, with a checkpoint"),
    key("runs", "o", "sort(1)", "sort", "sort by the next column"),
    key("runs", "R", "resume", "resume", "go on with a run that was stopped, failed or died"),
    key("runs", "l", "learning_rate", "rate", "change the learning rate of the run"),
    key("runs", "c", "checkpoint", "checkpoint", "write a checkpoint now"),
    key("runs", "D delete", "delete", "delete", "move a run that is over to the trash"),
    key("runs", "U", "undo", "undo", "take back what was deleted last"),
    key("runs", "d", "details", "details", "all about the run; of marked runs, how they differ"),
    key("runs", "b", "baseline", "baseline", "pin the run: the others are compared with it"),
    key("runs", "O", "sort(-1)", "sort", "sort by the column before", footer=False),
    key("runs", "i", "reverse", "reverse", "turn the order round", footer=False),
    key("runs", "a", "mark_all", "mark all", "mark all runs that are shown", footer=False),
    key("runs", "u", "unmark", "unmark", "unmark all runs", footer=False),
    key("runs", "F", "clear_filter", "no filter", "show all runs again", footer=False),
    key("runs", "N", "new_run_like", "new like it", "start a training with the options of the run", footer=False),
    key("runs", "right", "columns(1)", "columns", "the columns further right", footer=False),
    key("runs", "left", "columns(-1)", "columns", "the columns further left", footer=False),
)
