"""The letters of the jump mode."""

from __future__ import annotations

from aetui.jump import LETTERS, Target, labelled


def test_letters_go_from_the_top_left_to_the_bottom_right() -> None:
    places = [(5, 2), (0, 0), (9, 0)]
    targets = [Target(x, y, lambda: None) for x, y in places]
    found = labelled(targets)
    assert {text: (target.x, target.y) for text, target in found.items()} == {"a": (0, 0), "s": (9, 0), "d": (5, 2)}


def test_more_than_the_alphabet_get_two_letters_each() -> None:
    found = labelled([Target(number, 0, lambda: None) for number in range(len(LETTERS) + 1)])
    assert len(found) == len(LETTERS) + 1
    assert {len(text) for text in found} == {2}


def test_more_than_all_pairs_leaves_some_without() -> None:
    assert len(labelled([Target(number, 0, lambda: None) for number in range(1000)])) == len(LETTERS) ** 2


def test_nothing_to_reach_is_no_error() -> None:
    assert labelled([]) == {}
