"""What is selected, marked and pinned, and the colours of the runs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from aetui.follow.entries import Entry
from aetui.selection import COLOURS, Selection


def entries(*names: str) -> list[Entry]:
    return [Entry(path=Path("runs") / name, name=name, state="finished") for name in names]


def test_the_newest_run_is_selected_until_the_user_says_otherwise() -> None:
    selection = Selection()
    selection.follow(entries("new", "old"))
    assert (selection.path, selection.chosen) == (Path("runs/new"), False)


def test_what_is_gone_is_forgotten() -> None:
    selection = Selection()
    selection.follow(entries("a", "b", "c"))
    selection.path, selection.chosen = Path("runs/b"), True
    selection.toggle_mark(Path("runs/b"))
    selection.toggle_mark(Path("runs/c"))
    selection.toggle_baseline(Path("runs/b"))
    selection.follow(entries("a", "c"))
    assert (selection.path, selection.chosen) == (Path("runs/a"), False)
    assert (selection.marked, selection.baseline) == ([Path("runs/c")], None)


def test_a_mark_or_a_pin_given_twice_is_taken_away() -> None:
    selection = Selection()
    for _ in range(2):
        selection.toggle_mark(Path("a"))
        selection.toggle_baseline(Path("a"))
    assert (selection.marked, selection.baseline) == ([], None)


def test_colours_stay_and_are_all_used_before_one_comes_twice() -> None:
    selection = Selection()
    names = [f"run-{number}" for number in range(COLOURS)]
    selection.follow(entries(*names[:3]))
    before = [selection.colour_of(entry) for entry in entries(*names[:3])]
    selection.follow(entries(*reversed(names)))
    assert [selection.colour_of(entry) for entry in entries(*names[:3])] == before
    assert sorted(selection.colour_of(entry) for entry in entries(*names)) == list(range(COLOURS))


def test_a_selection_comes_back_as_it_was() -> None:
    one, other = Selection(), Selection()
    one.follow(entries("a", "b"))
    one.path, one.chosen = Path("runs/b"), True
    one.toggle_mark(Path("runs/a"))
    one.toggle_baseline(Path("runs/b"))
    other.restore(one.state())
    assert other.state() == one.state()


@pytest.mark.parametrize(
    "state",
    [
        {"selected": 3, "marked": "a", "baseline": [], "colours": []},
        {"marked": [1, None], "colours": {"a": "red", "b": 99, "c": -1}},
        {"selected": None},
    ],
    ids=["wrong types", "wrong values", "nothing"],
)
def test_a_state_that_it_never_wrote_does_no_harm(state: dict[str, Any]) -> None:
    selection = Selection()
    selection.restore(state)
    selection.follow(entries("a", "b"))
    assert selection.state() == {
        "selected": None,
        "marked": [],
        "baseline": None,
        "colours": {"b": 0, "a": 1},
    }
