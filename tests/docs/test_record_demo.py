"""The keys of the README's picture are keys of the UI."""

from __future__ import annotations

from aetui import keys
from docs.record_demo import DOWN, LEFT, RIGHT, SEEN, SEEN_WITH_LIVE, UNSEEN, UP, single_keys

NAMES = {" ": "space", "[": "left_square_bracket", "]": "right_square_bracket", "\r": "enter"}
ARROWS = {LEFT: "left", RIGHT: "right", UP: "up", DOWN: "down"}


def test_keys_are_pressed_one_by_one() -> None:
    assert single_keys(f"a{UP}{LEFT}\r ") == ["a", UP, LEFT, "\r", " "]


def test_every_key_that_is_pressed_does_something() -> None:
    known = {name for row in keys.TABLE for name in row.keys}
    pressed = {key for press in (*UNSEEN, *SEEN, *SEEN_WITH_LIVE) for key in single_keys(press.keys)}
    assert pressed
    assert {NAMES.get(key) or ARROWS.get(key) or key for key in pressed} <= known
