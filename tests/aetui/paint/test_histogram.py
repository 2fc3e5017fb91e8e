"""Columns as high as their counts."""

from __future__ import annotations

import pytest

from aetui.paint.cells import lines
from aetui.paint.histogram import bar, paint_histogram, signed_bar
from aetui.paint.look import Look
from aetui.paint.text import width_of

UNICODE, ASCII = Look(), Look(depth="mono", unicode=False)


def test_the_largest_count_fills_the_height_and_the_others_their_share() -> None:
    assert lines(paint_histogram([4, 2, 0, 1], [], 4, 2, UNICODE)) == ["█   ", "██ ▄"]
    assert lines(paint_histogram([4, 2, 0, 1], [], 4, 2, ASCII)) == ["#   ", "## #"]


def test_a_single_one_among_thousands_is_seen() -> None:
    assert lines(paint_histogram([5000, 1], [], 2, 1, UNICODE)) == ["█▁"]
    assert lines(paint_histogram([5000, 1], [], 2, 1, ASCII)) == ["##"]


def test_counts_stand_above_and_labels_below() -> None:
    drawn = lines(paint_histogram([2, 1], [(0, "low"), (2, "high")], 12, 5, UNICODE))
    assert drawn == ["  2         ", "█████   1   ", "█████ ▄▄▄▄▄ ", "█████ █████ ", "low     high"]


def test_counts_do_not_run_into_each_other_and_the_largest_stands() -> None:
    drawn = lines(paint_histogram([802, 800, 159, 42], [], 12, 6, ASCII))
    assert drawn[0] == "802         "
    assert drawn[3].replace("#", " ").split() == ["159", "42"]
    assert drawn[4] == "## ## ## ## "


def test_what_is_in_no_bin_stands_apart() -> None:
    drawn = lines(paint_histogram([1, 2], [], 12, 3, UNICODE, extra=("dead", 4)))
    assert [line[:6].strip() for line in drawn] == ["███", "███", "dead"]
    assert [line[6:] for line in drawn] == ["      ", "▄▄ ██ ", "      "]


@pytest.mark.parametrize("look", [UNICODE, ASCII])
@pytest.mark.parametrize("size", [(0, 0), (1, 1), (2, 3), (3, 30), (9, 80)])
def test_every_size_gives_cells_of_that_size(size: tuple[int, int], look: Look) -> None:
    cells = paint_histogram([3, 0, 10**9], [(0, "a"), (3, "b")], size[1], size[0], look, marked=1, extra=("dead", 7))
    assert (cells.rows, cells.columns) == size
    assert look.unicode or all(line.isascii() for line in lines(cells))


def test_a_bar_is_as_long_as_its_share() -> None:
    assert bar(0.5, 4, UNICODE) == "██  "
    assert bar(0.3125, 4, UNICODE) == "█▎  "
    assert bar(1e-9, 4, UNICODE) == "▏   "
    assert bar(0.0, 4, UNICODE) == "    "
    assert bar(7.0, 4, UNICODE) == "████"
    assert bar(0.5, 4, ASCII) == "##  "
    assert bar(1e-9, 4, ASCII) == "#   "
    assert bar(0.5, 0, ASCII) == ""


def test_a_signed_bar_goes_both_ways_from_the_middle() -> None:
    assert signed_bar(1.0, 2.0, 9, UNICODE) == "    │██  "
    assert signed_bar(-2.0, 2.0, 9, ASCII) == "####|    "
    assert signed_bar(0.0, 2.0, 9, ASCII) == "    |    "
    assert [width_of(signed_bar(1.0, 1.0, width, UNICODE)) for width in range(12)] == list(range(12))
