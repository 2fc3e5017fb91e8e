"""How many pictures fit on a screen."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from aetui.arrangement import arrange
from aetui.paint.look import Look

HALF = Look(pixels="half")
CHARACTERS = Look(pixels="characters", depth="mono", unicode=False)


@given(
    st.integers(1, 220),
    st.integers(1, 70),
    st.tuples(st.integers(1, 64), st.integers(1, 64)),
    st.integers(1, 6),
    st.sampled_from([HALF, CHARACTERS]),
    st.sampled_from([None, 1, 5, 12]),
    st.sampled_from([None, True, False]),
)
def test_an_arrangement_never_exceeds_its_rectangle(
    columns: int,
    rows: int,
    image: tuple[int, int],
    pictures: int,
    look: Look,
    images: int | None,
    across: bool | None,
) -> None:
    way = arrange(columns, rows, image, pictures, look, images=images, across=across)
    assert 1 <= way.images <= 12
    if way.picture != (0, 0):
        beside, below = (pictures, way.images) if way.across else (way.images, pictures)
        assert beside == way.columns
        assert beside * way.picture[0] + (beside - 1) * way.gap <= columns
        assert below * (way.picture[1] + 1) + way.across <= rows


def test_digits_and_clothes_are_large_enough_on_a_small_terminal() -> None:
    for size in (8, 28):
        way = arrange(80, 20, (size, size), 2, HALF)
        assert way.picture[0] >= 15
        assert way.images >= 3


def test_on_a_large_terminal_clothes_are_shown_whole() -> None:
    way = arrange(200, 56, (28, 28), 2, HALF)
    assert way.picture[0] >= 25
    assert way.images >= 5
