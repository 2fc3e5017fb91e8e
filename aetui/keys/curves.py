"""Screen 2."""

from __future__ import annotations

from aetui.keys.key import Key, key, run_keys

KEYS: tuple[Key, ...] = (
    key("curves", "t tab", "step_term(1)", "term", "show the next loss term"),
    key("curves", "shift+tab", "step_term(-1)", "previous term", "show the previous loss term", footer=False),
    key("curves", "l", "log_y", "log", "switch between a logarithmic and a linear y axis"),
    key("curves", "left", "move_cursor(-1)", "cursor", "move the cursor to the left"),
    key("curves", "right", "move_cursor(1)", "cursor", "move the cursor to the right"),
    key("curves", "shift+left", "move_cursor(-10)", "cursor", "move the cursor far to the left", footer=False),
    key("curves", "shift+right", "move_cursor(10)", "cursor", "move the cursor far to the right", footer=False),
    *run_keys("curves"),
)
