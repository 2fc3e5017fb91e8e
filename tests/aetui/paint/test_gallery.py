"""Shelves of pictures, with names, captions, marks and scales."""

from __future__ import annotations

import numpy as np
import pytest

from aetui.paint.cells import lines
from aetui.paint.gallery import Shelf, paint_gallery, paint_scale
from aetui.paint.images import Signed, paint_image
from aetui.paint.look import Look
from aetui.paint.points import Points
from aetui.reconstructions.arrangement import arrange

ASCII = Look(pixels="characters", depth="mono", unicode=False)
HALF = Look(pixels="half", depth="256")


def shelf(name: str, value: float, count: int = 2, **more: object) -> Shelf:
    images = [np.full((1, 4, 4), value, np.float32)] * count
    return Shelf(name=name, images=images, captions=[f"{name[0]}{i}" for i in range(count)], **more)  # type: ignore[arg-type]


def test_headings_stand_above_each_group_with_their_notes() -> None:
    shelves = [shelf("input", 1.0, note="clean"), shelf("output", 0.5, note="mse 0.01")]
    way = arrange(60, 20, (4, 4), 2, ASCII, count=2, wraps=(2,))
    text = lines(paint_gallery(shelves, way, 60, 20, ASCII))
    assert text[0].split() == ["input", "output"] * way.groups[0]
    assert text[1].split() == ["clean", "mse", "0.01"] * way.groups[0]
    assert any("i0" in line and "o0" in line for line in text)


def test_labels_stand_on_the_left_of_each_row() -> None:
    shelves = [shelf("ground truth", 1.0, note="clean"), shelf("2 dimensions", 0.5, note="mse 0.05")]
    way = arrange(80, 20, (4, 4), 2, ASCII, count=2, wraps=(1,), label=14)
    text = lines(paint_gallery(shelves, way, 80, 20, ASCII))
    assert [line[:14].strip() for line in text if line[:14].strip()] == [
        "ground truth",
        "clean",
        "2 dimensions",
        "mse 0.05",
    ]


def test_in_a_square_the_names_are_part_of_the_captions_as_far_as_they_fit() -> None:
    shelves = [shelf("reconstruction", 1.0, 1, short="recon") for _ in range(4)]
    way = arrange(40, 20, (4, 4), 4, ASCII, count=1, images=1, wraps=(2,))
    text = "\n".join(lines(paint_gallery(shelves, way, 40, 20, ASCII)))
    assert text.count("reconstruction r0") == 4
    way = arrange(22, 12, (4, 4), 4, ASCII, count=1, images=1, wraps=(2,))
    assert "\n".join(lines(paint_gallery(shelves, way, 22, 12, ASCII))).count("recon r0") == 4


def test_the_selected_image_and_the_best_one_are_marked_also_without_colours() -> None:
    shelves = [shelf("input", 1.0), shelf("output", 0.5, best=frozenset({1}))]
    way = arrange(60, 20, (4, 4), 2, ASCII, count=2, label=14)
    text = "\n".join(lines(paint_gallery(shelves, way, 60, 20, ASCII, selected=0)))
    assert "[i0]" in text
    assert "[i1]" not in text
    assert "*o1" in text
    assert "*o0" not in text


def test_where_the_star_has_no_room_the_zero_gives_way() -> None:
    one = Shelf(name="a", images=[np.zeros((1, 8, 6))], captions=["0.0123"], best=frozenset({0}))
    way = arrange(6, 6, (8, 6), 1, HALF, count=1)
    assert way.picture[0] == 6
    assert "★.0123" in lines(paint_gallery([one], way, 6, 6, HALF))[4]


def test_where_star_and_measure_have_no_room_the_number_stays_whole() -> None:
    one = Shelf(name="a", images=[np.zeros((1, 8, 8))], captions=["mse 0.0266"], best=frozenset({0}))
    way = arrange(10, 6, (8, 8), 1, HALF, count=1)
    assert "★0.0266" in lines(paint_gallery([one], way, 10, 6, HALF))[way.picture[1]]


@pytest.mark.parametrize("wraps", [(2,), (1,)])
def test_what_failed_has_its_name_and_says_why_in_place_of_its_pictures(wraps: tuple[int, ...]) -> None:
    failed = Shelf(name="sparse", images=(), captions=(), note="the bundle is damaged: decoder.onnx has sha256 dbe7")
    way = arrange(60, 20, (4, 4), 2, ASCII, count=4, wraps=wraps, label=14)
    text = " ".join(" ".join(lines(paint_gallery([shelf("input", 0.0, 4), failed], way, 60, 20, ASCII))).split())
    assert "sparse" in text
    words = [word for word in text.split() if word in failed.note.split()]
    assert words == failed.note.split()


def test_a_picture_is_drawn_as_the_painter_of_images_draws_it() -> None:
    image = np.random.default_rng(0).random((1, 8, 8)).astype(np.float32)
    way = arrange(8, 5, (8, 8), 1, HALF, count=1)
    cells = paint_gallery([Shelf(name="a", images=[image], captions=["c"])], way, 8, 5, HALF)
    alone = paint_image(image, 8, 4, HALF)
    assert np.array_equal(cells.background[:4, :8], alone.background)
    assert np.array_equal(cells.foreground[:4, :8], alone.foreground)


@pytest.mark.parametrize("look", [HALF, ASCII])
def test_an_enlarged_picture_fills_its_place(look: Look) -> None:
    images = [np.ones((1, 20, 20), np.float32), Signed(np.ones((20, 20), np.float32))]
    for image in images:
        way = arrange(50, 27, (20, 20), 1, look, count=1, images=1, smooth=True)
        assert way.smooth
        cells = paint_gallery([Shelf(name="a", images=[image], captions=[""])], way, 50, 27, look)
        drawn = cells.background[: way.picture[1], : way.picture[0]]
        marks = cells.characters[: way.picture[1], : way.picture[0]]
        assert len(np.unique(drawn)) == 1
        assert len(np.unique(marks)) == 1


def test_the_scale_of_a_residual_shows_its_colours_between_its_ends() -> None:
    cells = paint_scale(0.5, 20, HALF)
    text = lines(cells)[0]
    assert text.startswith("-0.5 ")
    assert text.endswith(" +0.5")
    inside = cells.background[0, 5:14]
    assert inside[0] != inside[-1]
    assert lines(paint_scale(0.5, 6, HALF))[0].strip() == "±0.5"
    assert lines(paint_scale(0.5, 6, ASCII))[0].strip() == "+-0.5"
    assert lines(paint_scale(0.5, 20, ASCII))[0].isascii()


def test_points_are_explained_by_a_legend() -> None:
    cloud = np.random.default_rng(0).random((20, 2)).astype(np.float32)
    one = Shelf(name="together", images=[Points(cloud[:2], cloud)], captions=[""], legend=["in", "out"])
    way = arrange(60, 20, (1, 1), 2, ASCII, count=1, wraps=(2,))
    text = lines(paint_gallery([shelf("input", 1.0, 1), one], way, 60, 20, ASCII))
    assert "*in oout" in text[1]
    way = arrange(60, 20, (1, 1), 2, HALF, count=1, wraps=(2,))
    assert "●in ●out" in lines(paint_gallery([shelf("input", 1.0, 1), one], way, 60, 20, HALF))[1]


@pytest.mark.parametrize("size", [(1, 1), (2, 3), (5, 2), (300, 100)])
def test_every_size_is_drawn(size: tuple[int, int]) -> None:
    shelves = [shelf("input", 1.0), shelf("output", 0.5, limit=0.3)]
    way = arrange(*size, (4, 4), 2, HALF, count=2)
    cells = paint_gallery(shelves, way, *size, HALF, selected=1)
    assert (cells.columns, cells.rows) == size
