from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from aetui.paint.cells import lines
from aetui.paint.look import Look
from aetui.paint.read_out import Column, Line, Table, as_text, height, paint_table
from aetui.paint.text import width_of

COLUMNS = (Column("validation"), Column("train"), Column("to baseline", signed=True), Column("in %", percent=True))


def table(count: int, columns: tuple[Column, ...] = COLUMNS) -> Table:
    return Table(
        "step 5",
        columns,
        tuple(Line("*", -1, f"run {n}", (1.5 + n, 2.25, 0.5, -0.125)[: len(columns)]) for n in range(count)),
    )


def test_values_stand_below_their_heads() -> None:
    drawn = lines(paint_table(table(2), 80, 3, Look()))
    assert drawn[0].split() == ["step", "5", "validation", "train", "to", "baseline", "in", "%"]
    assert drawn[1].split() == ["*", "run", "0", "1.5", "2.25", "+0.5", "-12.5%"]
    assert drawn[0].index("train") + 5 == drawn[1].index("2.25") + 4


@given(count=st.integers(0, 30), columns=st.integers(0, 200), rows=st.integers(0, 12), first=st.integers(-3, 40))
def test_no_line_is_lost_without_a_word(count: int, columns: int, rows: int, first: int) -> None:
    look = Look(unicode=False)
    cells = paint_table(table(count), columns, rows, look, first)
    drawn = lines(cells)
    assert (cells.rows, cells.columns) == (rows, columns)
    assert all(width_of(line) == columns and line.isascii() for line in drawn)
    if columns < 40 or rows < 3:
        return
    shown = sum(" ".join(drawn).split().count("run") for _ in [0])
    left_out = sum(int(word) for word in drawn[-1].replace(",", "").split() if word.isdigit()) if shown < count else 0
    assert shown + left_out == count


def test_lines_go_side_by_side_where_two_fit() -> None:
    assert height(table(6), 60) == 7
    assert height(table(6), 130) == 4
    drawn = lines(paint_table(table(6), 130, 4, Look()))
    assert [drawn[1].count(f"run {n}") for n in (0, 3)] == [1, 1]


def test_columns_that_do_not_fit_are_announced() -> None:
    drawn = lines(paint_table(table(1), 36, 2, Look()))
    assert "train" in drawn[0]
    assert "baseline" not in drawn[0]
    assert drawn[0].rstrip().endswith("…")
    assert "…" not in lines(paint_table(table(1), 60, 2, Look()))[0]


def test_a_long_name_gives_way_before_a_value() -> None:
    long = Table("last", COLUMNS[:2], (Line("*", -1, "a very long name of a run indeed", (1.0, 2.0)),))
    drawn = lines(paint_table(long, 40, 2, Look()))
    assert drawn[1].split()[-2:] == ["1", "2"]
    assert "…" in drawn[1]


def test_the_text_has_every_digit_and_an_empty_cell_for_none() -> None:
    found = as_text(Table("last", (Column("raw", "raw train"), Column("b")), (Line("*", -1, "a\tb", (1 / 3, None)),)))
    assert found == f"last\traw train\tb\na b\t{1 / 3!r}\t"
