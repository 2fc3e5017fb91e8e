"""How many pictures fit on a screen, and where they lie."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from aetui.paint.look import Look
from aetui.reconstructions.arrangement import MOST, arrange, most_pictures

HALF = Look(pixels="half")
CHARACTERS = Look(pixels="characters", depth="mono", unicode=False)


@given(
    st.integers(1, 220),
    st.integers(1, 70),
    st.tuples(st.integers(1, 128), st.integers(1, 128)),
    st.integers(1, 9),
    st.sampled_from([HALF, CHARACTERS]),
    st.integers(1, 64),
    st.sampled_from([None, 1, 5, 12, MOST]),
    st.sampled_from([None, (1,), (1, 2, 3)]),
    st.sampled_from([0, 16]),
    st.booleans(),
)
def test_pictures_lie_within_the_rectangle_and_not_on_each_other(
    columns: int,
    rows: int,
    image: tuple[int, int],
    pictures: int,
    look: Look,
    count: int,
    images: int | None,
    wraps: tuple[int, ...] | None,
    label: int,
    smooth: bool,
) -> None:
    wraps = tuple(wrap for wrap in wraps if wrap <= pictures) if wraps else None
    way = arrange(
        columns, rows, image, pictures, look, count=count, images=images, wraps=wraps, label=label, smooth=smooth
    )
    assert 1 <= way.images <= min(count, MOST)
    if way.picture == (0, 0):
        return
    wide, high = way.picture
    taken: set[tuple[int, int]] = set()
    for one in range(way.images):
        for picture in range(pictures):
            top, left = way.corner(one, picture)
            assert way.left <= left
            assert left + wide <= min(columns, way.columns)
            assert way.top <= top
            assert top + high + way.captions <= rows
            corners = {(top, left), (top + high + way.captions - 1, left + wide - 1)}
            assert not corners & taken
            taken |= corners
            assert way.at(left, top) == way.at(left + wide - 1, top + high + way.captions - 1) == (one, picture)


def test_digits_and_clothes_can_be_recognised_on_a_small_terminal() -> None:
    for size in (8, 28):
        way = arrange(80, 19, (size, size), 3, HALF, label=16)
        assert way.picture[0] >= min(size, 12)
        assert way.images >= 3


def test_on_a_large_terminal_clothes_are_shown_whole() -> None:
    way = arrange(200, 55, (28, 28), 4, HALF)
    assert way.picture[0] >= 20
    assert way.images >= 6


def test_so_many_images_as_asked_are_as_large_as_they_fit() -> None:
    few, many = (arrange(200, 55, (28, 28), 3, HALF, images=images) for images in (1, 20))
    assert (few.images, many.images) == (1, 20)
    assert few.picture[0] > many.picture[0]


def test_the_last_images_of_a_small_class_are_not_spread_over_empty_places() -> None:
    way = arrange(200, 55, (8, 8), 3, HALF, count=2)
    assert way.images == 2
    assert way.picture[0] >= 48


def test_names_stand_above_or_on_the_left_or_in_the_captions() -> None:
    across = arrange(120, 40, (28, 28), 4, HALF, wraps=(4,), label=16)
    assert across.across
    assert (across.top, across.left) == (2, 0)
    below = arrange(120, 40, (28, 28), 4, HALF, wraps=(1,), label=16)
    assert (below.top, below.left) == (0, 16)
    square = arrange(120, 40, (28, 28), 4, HALF, images=1, count=1, wraps=(2,), label=16)
    assert (square.top, square.left) == (0, 0)


def test_one_image_is_enlarged_to_no_whole_multiple_only_where_that_is_asked_for() -> None:
    whole = arrange(50, 26, (28, 28), 1, HALF, images=1)
    smooth = arrange(50, 26, (28, 28), 1, HALF, images=1, smooth=True)
    assert whole.picture == (28, 14)
    assert not whole.smooth
    assert smooth.picture == (50, 25)
    assert smooth.smooth


def test_more_runs_are_compared_where_there_is_more_room() -> None:
    assert most_pictures(80, 18, below=True, large=False) == 4
    assert most_pictures(80, 18, below=False, large=False) == 8
    assert most_pictures(80, 18, below=False, large=True) == 32
    assert most_pictures(1, 1, below=True, large=False) == 0


def test_the_coordinates_of_a_point_fit_below_its_picture() -> None:
    """On 80 columns: of one run (three pictures), and of four side by side (five)."""
    for pictures in (3, 5):
        way = arrange(80, 18, (1, 1), pictures, HALF, count=64, label=15)
        assert way.picture[0] + way.gap - 1 >= len("(-0.74, -0.63)")
