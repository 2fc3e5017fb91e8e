"""Turns a recording of a terminal (asciicast version 2, as of ``aetui --record``) into an animated GIF.

    python -m docs.cast_to_gif FILE.cast FILE.gif

Needs Pillow, pyte and a monospaced font. Blocks, braille and lines are drawn as rectangles that meet.
"""

from __future__ import annotations

import argparse
import json
import struct
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyte
from PIL import Image, ImageFont
from PIL.GifImagePlugin import getdata

from docs.drawn_cells import BACKGROUND, CellPainter

Pixels = np.ndarray[tuple[int, ...], np.dtype[np.uint8]]
"""(height, width, 3) RGB."""

FONT = "DejaVu Sans Mono"

ALIKE = 3
"""Of 255: a pixel that differs by so little in every colour from what is seen keeps what is seen."""

SEE_THROUGH = 255
"""The index of no colour."""

DELAY_CS = 8
"""From one frame to the next, in hundredths of a second: what GIF counts in."""


@dataclass(frozen=True, kw_only=True)
class Cast:
    """size: columns and rows to begin with. events: seconds, "o" or "r", and the text or the new size."""

    size: tuple[int, int]
    events: tuple[tuple[float, str, str], ...]


def read_cast(path: Path) -> Cast:
    """The recording of ``path``. Raises ValueError where it is none of version 2."""
    first, *lines = path.read_text(encoding="utf-8").splitlines()
    head = json.loads(first)
    if head.get("version") != 2:
        raise ValueError(f"{path} is no asciicast of version 2")
    events = (json.loads(line) for line in lines)
    return Cast(
        size=(head["width"], head["height"]),
        events=tuple((float(seconds), kind, data) for seconds, kind, data in events if kind in "or"),
    )


def snapshots(cast: Cast, begin_s: float, end_s: float) -> Iterator[pyte.Screen]:
    """What a terminal shows every ``DELAY_CS`` from ``begin_s`` to ``end_s``; the same screen each time."""
    screen = pyte.Screen(*cast.size)
    stream = pyte.Stream(screen)
    tick = 0
    for seconds, kind, data in (*cast.events, (end_s, "o", "")):
        while begin_s + tick * DELAY_CS / 100 < min(seconds, end_s):
            yield screen
            tick += 1
        if kind == "r":
            columns, rows = map(int, data.split("x"))
            screen.resize(rows, columns)
        else:
            stream.feed(data)


def draw(cast: Cast, painter: CellPainter, begin_s: float, end_s: float) -> list[tuple[Pixels, int]]:
    """The different pictures, each with how long it is seen, in hundredths of a second."""
    columns, rows = cast.size
    drawn: dict[tuple[int, int], tuple[object, ...]] = {}
    picture = np.full((rows * painter.height, columns * painter.width, 3), BACKGROUND, np.uint8)
    frames: list[tuple[Pixels, int]] = []
    for screen in snapshots(cast, begin_s, end_s):
        if painter.update(picture, screen, drawn) or not frames:
            frames.append((picture.copy(), DELAY_CS))
        else:
            frames[-1] = (frames[-1][0], frames[-1][1] + DELAY_CS)
    return frames


def palette_of(pictures: Iterable[Pixels]) -> tuple[np.ndarray, dict[int, int]]:
    """256 colours, (256, 3) uint8, the last one not used; and the index of every colour 0xRRGGBB of the pictures."""
    counts: dict[int, int] = {}
    for picture in pictures:
        colours, found = np.unique(_packed(picture), return_counts=True)
        for colour, count in zip(colours.tolist(), found.tolist(), strict=True):
            counts[colour] = counts.get(colour, 0) + count
    every = np.fromiter(counts, np.int64)
    # The edges of letters are many colours on few pixels: what is frequent has to be met exactly.
    weights = np.sqrt(np.fromiter(counts.values(), float))
    if len(every) <= 255:
        chosen = _unpacked(every)
    else:
        shares = np.maximum(1, weights / weights.sum() * 200_000).astype(int)
        sample = Image.fromarray(np.repeat(_unpacked(every), shares, axis=0)[None])
        quantized = sample.quantize(255, Image.Quantize.MEDIANCUT, kmeans=3)
        chosen = np.array(quantized.getpalette(), np.uint8).reshape(-1, 3)[:255]
    palette = np.zeros((256, 3), np.uint8)
    palette[: len(chosen)] = chosen
    nearest = [
        int(((chosen.astype(int) - colour) ** 2).sum(axis=1).argmin()) for colour in _unpacked(every).astype(int)
    ]
    return palette, dict(zip(every.tolist(), nearest, strict=True))


def _packed(picture: Pixels) -> np.ndarray:
    wide = picture.astype(np.int64)
    return wide[..., 0] << 16 | wide[..., 1] << 8 | wide[..., 2]


def _unpacked(colours: np.ndarray) -> np.ndarray:
    return np.stack([colours >> 16 & 255, colours >> 8 & 255, colours & 255], axis=-1).astype(np.uint8)


def write_gif(frames: list[tuple[Pixels, int]], path: Path) -> None:
    """Write the frames, one palette for all; of each after the first only what changed, the rest of it see-through."""
    palette, index_of = palette_of(picture for picture, _ in frames)
    height, width = frames[0][0].shape[:2]
    with path.open("wb") as file:
        file.write(b"GIF89a" + struct.pack("<HHBBB", width, height, 0xF7, 0, 0) + palette.tobytes())
        file.write(b"\x21\xff\x0bNETSCAPE2.0\x03\x01\0\0\0")  # again and again
        seen: np.ndarray | None = None
        for picture, delay in frames:
            indices = indexed(picture, index_of)
            seen = np.full_like(indices, SEE_THROUGH) if seen is None else seen
            same = (abs(palette[indices].astype(int) - palette[seen]) <= ALIKE).all(axis=2) & (seen != SEE_THROUGH)
            seen = np.where(same, seen, indices)
            box = Image.fromarray(~same).getbbox() or (0, 0, 1, 1)
            part = Image.fromarray(np.where(same, SEE_THROUGH, indices).astype(np.uint8)).crop(box)
            file.write(b"\x21\xf9\x04\x05" + struct.pack("<HBB", delay, SEE_THROUGH, 0))
            file.writelines(getdata(part, box[:2], include_color_table=False))
        file.write(b";")


def indexed(picture: Pixels, index_of: dict[int, int]) -> np.ndarray:
    """(height, width) of indices into the palette."""
    colours, inverse = np.unique(_packed(picture), return_inverse=True)
    return np.array([index_of[colour] for colour in colours.tolist()])[inverse].reshape(picture.shape[:2])


def find_font(name: str, width: int) -> ImageFont.FreeTypeFont:
    """A font, as large as cells of ``width`` pixels take it. name: a file, or what fontconfig knows it by."""
    file = name
    if not Path(name).is_file():
        found = subprocess.run(["fc-match", "--format=%{file}", name], capture_output=True, text=True, check=True)
        file = found.stdout
    sizes = (ImageFont.truetype(file, size) for size in range(4 * width, 0, -1))
    return next(font for font in sizes if font.getlength("M") <= width)


def convert(
    cast: Path, gif: Path, *, begin_s: float = 0.0, end_s: float | None = None, font: str = FONT, width: int = 8
) -> None:
    """Make ``gif`` of the seconds from ``begin_s`` to ``end_s`` of ``cast``. width: of a cell, in pixels."""
    recorded = read_cast(cast)
    end_s = recorded.events[-1][0] if end_s is None else end_s
    write_gif(draw(recorded, CellPainter(find_font(font, width), width), begin_s, end_s), gif)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m docs.cast_to_gif", description=__doc__.splitlines()[0])
    parser.add_argument("cast", type=Path)
    parser.add_argument("gif", type=Path)
    parser.add_argument("--from", dest="begin_s", type=float, default=0.0, metavar="SECONDS")
    parser.add_argument("--to", dest="end_s", type=float, default=None, metavar="SECONDS")
    parser.add_argument("--font", default=FONT, help="a file, or a name that fontconfig knows")
    parser.add_argument("--width", type=int, default=8, help="of a cell, in pixels; it is twice as high (default: 8)")
    asked = parser.parse_args()
    convert(asked.cast, asked.gif, begin_s=asked.begin_s, end_s=asked.end_s, font=asked.font, width=asked.width)


if __name__ == "__main__":
    main()
