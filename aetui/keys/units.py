"""Screen 5, its views, and the line in which a unit's number is typed."""

from __future__ import annotations

from aetui.keys.key import Key, key, run_keys, view_keys

_ALL, _ONE, _FIRES = "units/all", "units/unit", "units/fires"

KEYS: tuple[Key, ...] = (
    key(_ALL, "left", "move(-1, 0)", "unit", "the unit to the left"),
    key(_ALL, "right", "move(1, 0)", "unit", "the unit to the right"),
    key(_ALL, "up", "move(0, -1)", "above", "the unit above", footer=False),
    key(_ALL, "down", "move(0, 1)", "below", "the unit below", footer=False),
    key(_ALL, "enter", "open", "open", "all about the chosen unit"),
    key(_ALL, "v", "pictures", "pictures", "the units as pictures, or as a table of figures"),
    key(_ALL, "pageup", "page(-1)", "page before", "the units before", footer=False),
    key(_ALL, "pagedown", "page(1)", "next page", "the next units", footer=False),
    key(_ALL, "home", "end_of(-1)", "first", "the first unit of the order", footer=False),
    key(_ALL, "end", "end_of(1)", "last", "the last unit of the order", footer=False),
    key(_ONE, "left up", "move(-1)", "unit", "the unit before, in the order"),
    key(_ONE, "right down", "move(1)", "unit", "the next unit in the order"),
    key(_ONE, "home", "end_of(-1)", "first", "the first unit of the order", footer=False),
    key(_ONE, "end", "end_of(1)", "last", "the last unit of the order", footer=False),
    key(_ONE, "enter", "back_to_all", "all", "back to all units"),
    key(_FIRES, "left", "subject(-1)", "image", "the image, or class, before"),
    key(_FIRES, "right", "subject(1)", "image", "the next image, or class"),
    key(_FIRES, "c", "classes", "classes", "for the images of a class, or for one image"),
    key(_FIRES, "up", "move(-1)", "unit", "the unit before", footer=False),
    key(_FIRES, "down", "move(1)", "unit", "the next unit", footer=False),
    key(_FIRES, "enter", "open", "open", "all about the chosen unit"),
    key("units", "o", "order", "order", "by density, strongest activation, mean, or number"),
    key("units", "O", "backwards", "backwards", "the other way round", footer=False),
    key("units", "g", "go_to", "go to", "go to a unit by its number"),
    key("units", "plus", "amount(1)", "stronger", "show what more of a unit does"),
    key("units", "minus", "amount(-1)", "weaker", "show what less of a unit does", footer=False),
    key("units", "x", "scale", "scale", "each picture its own colour scale, or one for all", footer=False),
    *run_keys("units"),
    *view_keys("units"),
    key("goto", "enter", "keep", "go", "go to the unit of this number", palette=False),
    key("goto", "escape", "cancel", "close", "stay at the unit", palette=False),
)
