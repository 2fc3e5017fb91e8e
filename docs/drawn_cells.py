"""Draws the cells of a terminal emulator (pyte) as pixels."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

import numpy as np
import pyte
from PIL import Image, ImageDraw, ImageFont
from pyte.screens import Char

Array = np.ndarray[tuple[int, ...], np.dtype[np.uint8]]

BACKGROUND = (16, 16, 16)
FOREGROUND = (208, 208, 208)

NAMED = {
    "black": (0, 0, 0),
    "red": (205, 49, 49),
    "green": (13, 188, 121),
    "brown": (229, 229, 16),
    "blue": (36, 114, 200),
    "magenta": (188, 63, 188),
    "cyan": (17, 168, 205),
    "white": (229, 229, 229),
    "brightblack": (102, 102, 102),
    "brightred": (241, 76, 76),
    "brightgreen": (35, 209, 139),
    "brightbrown": (245, 245, 67),
    "brightblue": (59, 142, 234),
    "bfightmagenta": (214, 112, 214),
    "brightmagenta": (214, 112, 214),
    "brightcyan": (41, 184, 219),
    "brightwhite": (255, 255, 255),
}
"""pyte's names of the 16 colours, one of them with its slip."""

BRAILLE = ((0, 0), (1, 0), (2, 0), (0, 1), (1, 1), (2, 1), (3, 0), (3, 1))
"""Row and column of the dot of each bit."""

QUADRANTS = {"▖": 4, "▗": 8, "▘": 1, "▙": 13, "▚": 9, "▛": 7, "▜": 11, "▝": 2, "▞": 6, "▟": 14}
"""Bits: upper left, upper right, lower left, lower right."""


class CellPainter:
    """Draws cells of ``width`` × ``2 · width`` pixels, text in ``font``."""

    def __init__(self, font: ImageFont.FreeTypeFont, width: int) -> None:
        self.width, self.height = width, 2 * width
        self._font = font
        ascent, descent = self._font.getmetrics()
        self._top = (self.height - ascent - descent) // 2
        self._tile = lru_cache(50_000)(self._draw)

    def update(self, picture: Array, screen: pyte.Screen, drawn: dict[tuple[int, int], tuple[object, ...]]) -> bool:
        """Draw into ``picture`` the cells that differ from ``drawn``, which is kept. Returns whether there were any."""
        rows, columns = picture.shape[0] // self.height, picture.shape[1] // self.width
        changed = False
        for row in range(rows):
            line = screen.buffer[row]
            for column in range(columns):
                char = line[column]
                wide = column + 1 < columns and line[column + 1].data == ""
                under = (screen.cursor.y, screen.cursor.x) == (row, column) and not screen.cursor.hidden
                look = (char, wide, under)
                if not char.data or drawn.get((row, column)) == look:
                    continue
                drawn[row, column] = look
                changed = True
                tile = self._tile(char, wide, under)
                top, left = row * self.height, column * self.width
                picture[top : top + self.height, left : left + tile.shape[1]] = tile
                if wide:
                    drawn.pop((row, column + 1), None)
        return changed

    def _draw(self, char: Char, wide: bool, under: bool) -> Array:
        """(height, width, 3) of one cell; twice as wide for a wide one. under: the cursor is on it."""
        foreground, background = rgb(char.fg, FOREGROUND), rgb(char.bg, BACKGROUND)
        if char.reverse != under:
            foreground, background = background, foreground
        cover = self._cover(char, self.width * (2 if wide else 1))[..., None]
        mixed = cover * np.array(foreground) + (1 - cover) * np.array(background)
        tile: Array = np.rint(mixed).astype(np.uint8)
        return tile

    def _cover(self, char: Char, width: int) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
        """(height, width) in [0, 1]: how much of each pixel is the foreground's."""
        cover = shape(char.data, width, self.height)
        if cover is None:
            image = Image.new("L", (width, self.height))
            pen = ImageDraw.Draw(image)
            if char.data != " ":
                pen.text((0, self._top), char.data, 255, font=self._font, stroke_width=0.3 if char.bold else 0)
            if char.underscore:
                pen.rectangle((0, self.height - 2, width, self.height - 2), 255)
            if char.strikethrough:
                pen.rectangle((0, self.height // 2, width, self.height // 2), 255)
            cover = np.asarray(image) / 255
        return cover


def rgb(colour: str, default: tuple[int, int, int]) -> tuple[int, int, int]:
    """A colour of pyte: "default", a name of the 16, or six hexadecimal digits."""
    if colour == "default":
        return default
    if colour in NAMED:
        return NAMED[colour]
    return (int(colour[:2], 16), int(colour[2:4], 16), int(colour[4:6], 16))


def shape(character: str, width: int, height: int) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]] | None:
    """(height, width) in [0, 1] of what is a shape rather than a letter; None: it is a letter."""
    cover = np.zeros((height, width))
    code = ord(character[0])
    if 0x2800 <= code <= 0x28FF:
        dot = max(2, width // 4)
        for bit, (row, column) in enumerate(BRAILLE):
            if code >> bit & 1:
                y = (2 * row + 1) * height // 8 - dot // 2
                x = (2 * column + 1) * width // 4 - dot // 2
                cover[y : y + dot, x : x + dot] = 1
    elif 0x2580 <= code <= 0x259F:
        _block(character, cover)
    elif 0x2500 <= code <= 0x257F:
        return cover if _lines(character, cover) else None
    else:
        return None
    return cover


def _block(character: str, cover: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> None:
    height, width = cover.shape
    code = ord(character)
    if character == "▀":
        cover[: height // 2] = 1
    elif code <= 0x2588:  # from the bottom, in eighths
        cover[height - round((code - 0x2580) * height / 8) :] = 1
    elif code <= 0x258F:  # from the left, in eighths
        cover[:, : round((0x2590 - code) * width / 8)] = 1
    elif character == "▐":
        cover[:, round(width / 2) :] = 1
    elif code <= 0x2593:  # shades
        cover[:] = (code - 0x2590) / 4
    elif character == "▔":
        cover[: height // 8] = 1
    elif character == "▕":
        cover[:, width - width // 8 :] = 1
    else:
        upper, left = slice(0, height // 2), slice(0, round(width / 2))
        lower, right = slice(height // 2, None), slice(round(width / 2), None)
        for bit, part in enumerate(((upper, left), (upper, right), (lower, left), (lower, right))):
            if QUADRANTS[character] >> bit & 1:
                cover[part] = 1


def _lines(character: str, cover: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> bool:
    """Lines from the middle to the sides that the character's name says. False: other lines than that."""
    height, width = cover.shape
    words = set(unicodedata.name(character).split()[2:])
    ways = {"HORIZONTAL": ("LEFT", "RIGHT"), "VERTICAL": ("UP", "DOWN")}
    if words - {"LIGHT", "HEAVY", "ARC", "AND", "LEFT", "RIGHT", "UP", "DOWN", *ways} or {"LIGHT", "HEAVY"} <= words:
        return False
    sides = {side for word in words for side in ways.get(word, (word,))}
    thick = max(1, width // 8) * (2 if "HEAVY" in words else 1)
    top, left = (height - thick) // 2, (width - thick) // 2
    cover[top : top + thick, 0 if "LEFT" in sides else left : width if "RIGHT" in sides else left + thick] = 1
    if {"UP", "DOWN"} & sides:
        cover[0 if "UP" in sides else top : height if "DOWN" in sides else top + thick, left : left + thick] = 1
    if not {"LEFT", "RIGHT"} & sides:
        cover[:, :left] = cover[:, left + thick :] = 0
    return True
