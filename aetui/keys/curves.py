"""Screen 2."""

from __future__ import annotations

from aetui.keys.key import Key, key, run_keys, view_keys

KEYS: tuple[Key, ...] = (
    *view_keys("curves"),
    key("curves", "t n", "step_term(1)", "term", "show the next loss term"),
    key("curves", "p", "step_term(-1)", "previous term", "show the previous loss term", footer=False),
    key("curves", "x", "step_axis", "axis", "along steps, epochs or time"),
    key("curves", "l", "log_y", "log", "switch between a logarithmic and a linear y axis"),
    key("curves", "full_stop greater_than_sign", "smooth(1)", "smoother", "smooth more (raw values stay behind)"),
    key("curves", "comma less_than_sign", "smooth(-1)", "rougher", "smooth less", footer=False),
    key("curves", "left", "move_cursor(-1)", "cursor", "move the cursor to the left"),
    key("curves", "right", "move_cursor(1)", "cursor", "move the cursor to the right"),
    key("curves", "shift+left", "move_cursor(-10)", "cursor", "move the cursor far to the left", footer=False),
    key("curves", "shift+right", "move_cursor(10)", "cursor", "move the cursor far to the right", footer=False),
    key("curves", "home", "cursor_to(0)", "first", "the cursor to the first step that is seen", footer=False),
    key("curves", "end", "cursor_to(1)", "last", "the cursor to the last step that is seen", footer=False),
    key("curves", "c", "drop_cursor", "no cursor", "take the cursor away: the table has the last values", footer=False),
    key("curves", "plus equals_sign", "zoom(1.5)", "zoom", "a smaller part of the axis, larger"),
    key("curves", "minus", "zoom(0.667)", "zoom", "a larger part of the axis"),
    key("curves", "pagedown d", "page(1)", "later", "later steps; of all terms: the next charts", footer=False),
    key("curves", "pageup a", "page(-1)", "earlier", "earlier steps; of all terms: the charts before", footer=False),
    key("curves", "f", "fit", "fit", "everything again, without a cursor"),
    key("curves", "o", "robust", "outliers", "leave outliers out of the height, or show them"),
    key("curves", "v", "step_split", "splits", "validation and train, or one of them"),
    key("curves", "b", "step_baseline", "baseline", "compare with the next of these runs, or with none"),
    key("curves", "i", "next_alert", "alert", "the cursor to the next alert of the trainer"),
    key("curves", "w", "save_csv", "CSV", "write what is shown as CSV, raw values"),
    key("curves", "W", "save_chart", "chart as SVG", "write the chart as a drawing (SVG)", footer=False),
    key("curves", "down", "scroll(1)", "runs below", "further lines of the table", footer=False),
    key("curves", "up", "scroll(-1)", "runs above", "the lines of the table before", footer=False),
    *run_keys("curves"),
)
