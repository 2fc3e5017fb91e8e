"""Tables for a terminal: names give way, numbers never."""

from __future__ import annotations

import pytest

from trainer.tables import broken, fitting_widths, print_beside, print_table


@pytest.mark.parametrize(
    ("text", "width", "lines"),
    [
        ("undercomplete-digits-20261122", 13, ["undercomplete", "-digits", "-20261122"]),
        ("sparse-digits-1", 13, ["sparse-digits", "-1"]),
        ("probe_accuracy_pixels", 15, ["probe_accuracy", "_pixels"]),
        ("two words", 6, ["two", "words"]),
        ("unbreakable", 3, ["unbreakable"]),
        ("", 5, [""]),
        ("--", 1, ["-", "-"]),
    ],
)
def test_names_are_broken_where_they_are_joined(text: str, width: int, lines: list[str]) -> None:
    assert broken(text, width).split("\n") == lines


def test_columns_that_fit_keep_their_width() -> None:
    assert fitting_widths([["a-b", "ccc"], ["d", "e"]], [[False] * 2] * 2, room=6) == [3, 3]


def test_the_widest_name_gives_way_first_and_a_number_never() -> None:
    lines = [["long-long-name", "n"], ["x", "123-456"]]
    whole = [[False, False], [False, True]]
    assert fitting_widths(lines, whole, room=17) == [10, 7]
    assert fitting_widths(lines, whole, room=1) == [5, 7]


def test_a_pipe_gets_every_column_whole(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(["name", "n"], [["x" * 200, 1.0], ["y", None]], title="what it is")
    title, header, first, second = capsys.readouterr().out.splitlines()
    assert title == "what it is"
    assert header.split() == ["name", "n"]
    assert first == "x" * 200 + "  1"
    assert second.split() == ["y", "–"]


def test_records_beside_each_other_have_a_row_per_key(capsys: pytest.CaptureFixture[str]) -> None:
    print_beside("metric", ["a", "a"], [{"mse": 0.5, "n": 3}, {"n": 4, "nll": 2.0}])
    rows = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert rows == [["metric", "a", "a"], ["mse", "0.5", "–"], ["n", "3", "4"], ["nll", "–", "2"]]


def test_a_name_from_outside_is_harmless(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(["\x1b[31m"], [["\x1b]0;x\x07"]], title="\x1b[2J")
    assert "\x1b" not in capsys.readouterr().out
