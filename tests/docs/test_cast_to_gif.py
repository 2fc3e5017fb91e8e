"""The GIF of a recording: what was shown, when, in its colours."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageFont

from docs.cast_to_gif import ALIKE, Cast, draw, palette_of, read_cast, snapshots, write_gif
from docs.drawn_cells import BACKGROUND, CellPainter, shape

RED, BLUE = "\x1b[38;2;255;0;0m", "\x1b[48;2;0;0;255m"


@pytest.fixture(scope="module")
def painter() -> CellPainter:
    font = ImageFont.load_default(12)
    assert isinstance(font, ImageFont.FreeTypeFont)
    return CellPainter(font, 8)


def frames_of(path: Path) -> list[tuple[np.ndarray, int]]:
    """What a reader of GIF shows, each with its milliseconds."""
    with Image.open(path) as image:
        found = []
        for number in range(getattr(image, "n_frames", 1)):
            image.seek(number)
            found.append((np.asarray(image.convert("RGB")), image.info["duration"]))
        assert image.info["loop"] == 0
    return found


def test_a_recording_is_read_and_what_is_no_output_is_left_out(tmp_path: Path) -> None:
    lines = [{"version": 2, "width": 3, "height": 2}, [0.5, "o", "é"], [0.6, "i", "secret"], [0.7, "r", "4x2"]]
    (tmp_path / "a.cast").write_text("\n".join(map(json.dumps, lines)))
    cast = read_cast(tmp_path / "a.cast")
    assert cast == Cast(size=(3, 2), events=((0.5, "o", "é"), (0.7, "r", "4x2")))


def test_another_version_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.cast").write_text('{"version": 3, "term": {"cols": 3, "rows": 2}}\n')
    with pytest.raises(ValueError, match="version 2"):
        read_cast(tmp_path / "a.cast")


def test_the_screen_is_looked_at_twelve_times_a_second() -> None:
    cast = Cast(size=(4, 1), events=((0.0, "o", "a"), (0.1, "o", "b"), (0.2, "o", "\x1b[?25l"), (0.3, "o", "c")))
    # At 0.08, 0.16 and 0.24 s, between the pieces.
    assert [screen.display[0].strip() for screen in snapshots(cast, 0.08, 0.32)] == ["a", "ab", "ab"]


def test_blocks_are_exact_rectangles_in_their_colours(painter: CellPainter, tmp_path: Path) -> None:
    cast = Cast(size=(2, 1), events=((0.0, "o", f"\x1b[?25l{RED}{BLUE}▀█"), (1.0, "o", "\x1b[1G▄")))
    write_gif(draw(cast, painter, 0.04, 2.04), tmp_path / "a.gif")
    (first, first_ms), (second, second_ms) = frames_of(tmp_path / "a.gif")
    assert first.shape == (16, 16, 3)
    assert (first[:8] == (255, 0, 0)).all()
    assert (first[8:, :8] == (0, 0, 255)).all()
    assert (second[:8, :8] == (0, 0, 255)).all()
    assert (second[8:] == (255, 0, 0)).all()
    assert (second[:8, 8:] == (255, 0, 0)).all()
    assert (first_ms, second_ms) == (960, 1040)


def test_letters_are_drawn_in_the_ink_on_the_paper(painter: CellPainter) -> None:
    cast = Cast(size=(3, 1), events=((0.0, "o", f"\x1b[?25l{RED}M\x1b[7mM\x1b[0m "),))
    ((picture, _),) = draw(cast, painter, 0.01, 0.02)
    letter, reverse, space = picture[:, :8], picture[:, 8:16], picture[:, 16:]
    assert letter[..., 0].max() > 200
    assert (letter[0] == BACKGROUND).all()
    assert (reverse[0] == (255, 0, 0)).all()
    assert (space == BACKGROUND).all()


def test_the_256_colours_are_those_of_xterm(painter: CellPainter) -> None:
    cast = Cast(size=(2, 1), events=((0.0, "o", "\x1b[?25l\x1b[38;5;208m█\x1b[38;5;244m█"),))
    ((picture, _),) = draw(cast, painter, 0.01, 0.02)
    assert tuple(picture[0, 0]) == (255, 135, 0)
    assert tuple(picture[0, 8]) == (128, 128, 128)


def test_a_wide_character_takes_two_cells_and_leaves_nothing_behind(painter: CellPainter) -> None:
    events = ((0.0, "o", "\x1b[?25l\x1b[41m日"), (1.0, "o", "\x1b[0m\x1b[1G  "))
    first, last = draw(Cast(size=(2, 1), events=events), painter, 0.5, 1.5)
    assert (first[0][0] != BACKGROUND).any(axis=1).all()
    assert (last[0] == BACKGROUND).all()


@pytest.mark.parametrize("width", [6, 7, 8, 10])
def test_halves_make_a_whole(width: int) -> None:
    for one, other in ("▀▄", "▌▐", "▞▚", "▙▝", "▛▗", "▟▘", "▜▖"):
        a, b = shape(one, width, 2 * width), shape(other, width, 2 * width)
        assert a is not None
        assert b is not None
        assert (a + b == 1).all()


def test_eighths_grow_by_an_eighth() -> None:
    for blocks, size in (("▁▂▃▄▅▆▇█", 16), ("▏▎▍▌▋▊▉█", 8)):
        covers = [shape(block, 8, 16) for block in blocks]
        assert [cover.mean() for cover in covers if cover is not None] == [(k + 1) / 8 for k in range(8)], size


def test_each_dot_of_braille_is_a_square_of_its_own() -> None:
    whole = shape("⣿", 8, 16)
    dots = [shape(chr(0x2800 + (1 << bit)), 8, 16) for bit in range(8)]
    assert whole is not None
    assert (sum(dot for dot in dots if dot is not None) == whole).all()
    assert [dot.sum() for dot in dots if dot is not None] == [4] * 8


@pytest.mark.parametrize(
    ("character", "sides"),
    [("─", "lr"), ("│", "ud"), ("┌", "rd"), ("┘", "lu"), ("┼", "lrud"), ("├", "udr"), ("╰", "ur")],
)
def test_lines_reach_the_sides_that_they_are_to_meet_at(character: str, sides: str) -> None:
    cover = shape(character, 8, 16)
    assert cover is not None
    edges = {"l": cover[:, 0], "r": cover[:, -1], "u": cover[0], "d": cover[-1]}
    assert {side for side, edge in edges.items() if edge.any()} == set(sides)


def test_few_colours_are_kept_and_many_are_nearly() -> None:
    few = np.arange(255 * 3, dtype=np.uint8).reshape(1, 255, 3)
    palette, index_of = palette_of([few])
    assert all(
        tuple(palette[index_of[int(r) << 16 | int(g) << 8 | int(b)]]) == (r, g, b) for r, g, b in few[0].tolist()
    )
    ramp = np.arange(256, dtype=np.uint8)
    many = np.stack([*np.meshgrid(ramp, ramp[::8], indexing="ij"), np.full((256, 32), 30, np.uint8)], axis=-1)
    palette, index_of = palette_of([many])
    assert max(index_of.values()) < 255
    found = palette[[index_of[int(r) << 16 | int(g) << 8 | int(b)] for r, g, b in many.reshape(-1, 3).tolist()]]
    assert np.abs(found.astype(int) - many.reshape(-1, 3)).mean() < 8


def test_a_change_too_small_to_see_is_left_out_until_it_is_not(tmp_path: Path) -> None:
    pictures = [np.full((4, 4, 3), 100 + step, np.uint8) for step in (0, ALIKE, ALIKE + 1)]
    write_gif([(picture, 10) for picture in pictures], tmp_path / "a.gif")
    assert [int(picture[0, 0, 0]) for picture, _ in frames_of(tmp_path / "a.gif")] == [100, 100, 100 + ALIKE + 1]
