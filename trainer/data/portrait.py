"""A face of 32×32 pixels, painted from six numbers.

Shapes are signed distances to their outlines, in pixels, so that an edge is soft over one pixel and a small change of
an attribute is a small change of the picture. Left and right mirror each other: the right half is painted, layer by
layer from the back to the front, and copied.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

ATTRIBUTES = ("smile", "skin tone", "beard", "glasses", "hair length", "hair colour")
"""What each of the six numbers says; from 0 to 1: from sad to laughing, from light to dark skin, from shaven to a full
beard, from no glasses to bold ones, from short hair to hair below the shoulders, from black to blond."""

SIDE = 32
"""Height and width in pixels."""

Floats = npt.NDArray[np.floating[Any]]
"""float32, all of them."""

_HALF = SIDE // 2
_CHUNK = 64
"""Faces painted at once: so few stay in the processor's cache."""

_SKIN = ((252, 220, 196), (214, 158, 118), (104, 66, 46))
_HAIR = ((34, 28, 32), (96, 56, 34), (166, 82, 38), (240, 204, 122))
_SKY, _SHIRT = ((150, 188, 214), (214, 228, 232)), (70, 104, 140)
_WHITE, _IRIS, _FRAME, _LENS = (250, 250, 248), (44, 34, 32), (24, 24, 34), (220, 238, 248)
_LIP, _MOUTH = (178, 70, 74), (92, 26, 34)


def draw(attributes: npt.ArrayLike) -> npt.NDArray[np.uint8]:
    """The faces with these ``attributes`` [n, 6], each in [0, 1] (see ``ATTRIBUTES``): uint8 [n, 3, 32, 32], RGB."""
    wanted = np.asarray(attributes, np.float32)
    if wanted.ndim != 2 or wanted.shape[1] != len(ATTRIBUTES) or not ((wanted >= 0) & (wanted <= 1)).all():
        raise ValueError(f"attributes {list(wanted.shape)} are not [n, {len(ATTRIBUTES)}] from 0 to 1")
    images = np.empty((len(wanted), 3, SIDE, SIDE), np.uint8)
    for start in range(0, len(wanted), _CHUNK):
        half = _right_half(wanted[start : start + _CHUNK])
        images[start : start + _CHUNK, ..., _HALF:] = half
        images[start : start + _CHUNK, ..., :_HALF] = half[..., ::-1]
    return images


@dataclass(frozen=True, kw_only=True)
class Layer:
    """Where paint goes. cover: float32 [h, w] or [n, 1, h, w], 0 to 1; rows, columns: the part of the canvas."""

    cover: Floats
    rows: slice
    columns: slice


def _right_half(attributes: Floats) -> npt.NDArray[np.uint8]:
    """[n, 3, 32, 16] of attributes [n, 6]."""
    smile, tone, beard, glasses, length, hue = attributes.T[:, :, np.newaxis, np.newaxis, np.newaxis]
    skin, hair = _mix(_SKIN, tone), _mix(_HAIR, hue)
    scene = _scene()
    canvas = np.empty((len(attributes), 3, SIDE, _HALF), np.float32)
    canvas[:] = _mix(_SKY, np.linspace(0, 1, SIDE, dtype=np.float32).reshape(1, 1, SIDE, 1))

    _paint(canvas, scene["crown"], 0.8 * hair)
    _paint(canvas, scene["neck"], 0.84 * skin)
    _paint(canvas, scene["shirt"], _rgb(_SHIRT))
    _paint(canvas, scene["ear"], 0.92 * skin)
    _paint(canvas, scene["face"], skin)
    _paint(canvas, scene["blush"], skin * _rgb((255, 168, 160)))
    _paint(canvas, scene["nose"], 0.78 * skin)
    _paint(canvas, _beard(beard), 0.75 * hair)
    _paint(canvas, *_mouth(smile))
    _paint(canvas, *_mouth(smile, inner=True))
    for name, colour in (("white", _WHITE), ("iris", _IRIS), ("glint", _WHITE)):
        _paint(canvas, scene[name], _rgb(colour))
    _paint(canvas, scene["brow"], 0.7 * hair)
    _paint(canvas, _locks(length), 0.88 * hair)
    _paint(canvas, scene["fringe"], hair)
    _paint(canvas, scene["shine"], 0.8 * hair + 0.2)
    _paint(canvas, scene["lens"], _rgb(_LENS), strength=glasses)
    _paint(canvas, scene["frame"], _rgb(_FRAME), strength=glasses)
    return np.rint(canvas * 255).astype(np.uint8)


def _paint(canvas: Floats, layer: Layer, colour: Floats, strength: Floats | None = None) -> None:
    """Lay ``colour`` [n or 1, 3, 1, 1] (or one per pixel) over the canvas, where ``layer`` covers it."""
    part = canvas[:, :, layer.rows, layer.columns]
    cover = layer.cover if strength is None else strength * layer.cover
    part += cover * (colour - part)


@functools.cache
def _scene() -> dict[str, Layer]:
    """The shapes that are the same in every face. u: pixels right of the middle; y: pixels below the upper edge."""
    u, y = _grid(slice(0, SIDE), slice(0, _HALF))
    face = _face(u, y)
    hairline = 6.6 + 0.055 * u**2
    fringe = np.maximum(_ellipse(u, y, (0, 13.2), (9.4, 10.6)), y - hairline)
    eye = (3.7, 15.0)
    rim = _ellipse(u, y, (3.85, 15.2), (2.75, 2.5))
    bridge = np.maximum(np.abs(y - 14.7) - 0.45, u - 1.3)
    temple = np.maximum(np.abs(y - 14.5) - 0.45, np.abs(u - 7.6) - 1.0)
    shapes = {
        "crown": _ellipse(u, y, (0, 12.6), (10.0, 10.4)),
        "neck": np.maximum(u - 3.6, np.abs(y - 25) - 4),
        "shirt": _ellipse(u, y, (0, 35.5), (14.5, 9.0)),
        "ear": _ellipse(u, y, (8.3, 16.2), (1.6, 2.3)),
        "face": face,
        "white": _ellipse(u, y, eye, (1.75, 1.25)),
        "iris": _ellipse(u, y, eye, (1.0, 1.15)),
        "glint": _ellipse(u, y, (4.1, 14.5), (0.45, 0.45)),
        "brow": np.maximum(np.abs(y - 11.9 - 0.07 * (u - 3.6) ** 2) - 0.55, np.abs(u - 3.8) - 1.9),
        "fringe": fringe,
        "frame": np.minimum(np.abs(rim) - 0.5, np.minimum(bridge, temple)),
    }
    covers = {name: _cover(distance) for name, distance in shapes.items()}
    covers["lens"] = 0.4 * _cover(rim)
    covers["nose"] = 0.55 * _cover(np.maximum(np.abs(y - 18.6) - 0.6, u - 1.1))
    covers["blush"] = 0.5 * _spot((u - 5.3) / 1.6, (y - 19.2) / 1.3)
    covers["shine"] = _cover(fringe) * _spot((u - 3.6) / 2.6, (y - 5.2 - 0.08 * u**2) / 0.9)
    return {name: _cropped(cover) for name, cover in covers.items()}


def _beard(beard: Floats) -> Layer:
    """Thicker and longer with ``beard`` [n, 1, 1, 1]; it leaves room for the mouth."""
    rows, columns = slice(14, 29), slice(0, 10)
    u, y = _grid(rows, columns)
    upper = 19.6 - 0.02 * u**2 - 0.055 * np.maximum(u - 4.5, 0) ** 3
    jaw = _face(u, y - 1.6 * beard) - 0.3 * beard
    return Layer(cover=beard * _cover(np.maximum(jaw, upper - y)), rows=rows, columns=columns)


def _mouth(smile: Floats, inner: bool = False) -> tuple[Layer, Floats]:
    """Lips, or what is between them: corners that rise with ``smile`` [n, 1, 1, 1], open above a half."""
    rows, columns = slice(18, 27), slice(0, 8)
    u, y = _grid(rows, columns)
    width = 3.4 + 0.7 * smile
    bend = 4.4 * (smile - 0.42) * ((u / width) ** 2 - 0.4)
    opening = 2.6 * np.maximum(smile - 0.45, 0) * np.maximum(1 - (u / width) ** 2, 0)
    middle = y - 22.6 + bend
    if inner:
        teeth = np.clip(opening - middle, 0, 1)
        return Layer(cover=_cover(np.maximum(np.abs(middle) - opening, u - width)), rows=rows, columns=columns), teeth
    lips = np.maximum(np.abs(middle) - opening - 0.75, u - width)
    return Layer(cover=_cover(lips), rows=rows, columns=columns), _rgb(_LIP)


def _locks(length: Floats) -> Layer:
    """The hair beside the face, down to where ``length`` [n, 1, 1, 1] says."""
    rows, columns = slice(6, 32), slice(5, 14)
    u, y = _grid(rows, columns)
    end = 10.5 + 19 * length
    # A box with round corners: the distance to a smaller box, less the radius.
    across = np.abs(u - 8.7 - 0.045 * np.maximum(y - 14, 0)) - 0.3
    along = np.abs(y - (7 + end) / 2) - (end - 7) / 2 + 1.6
    outside = np.hypot(np.maximum(across, 0), np.maximum(along, 0)) + np.minimum(np.maximum(across, along), 0)
    return Layer(cover=_cover(outside - 1.6), rows=rows, columns=columns)


def _face(u: Floats, y: Floats) -> Floats:
    """Rounder above than at the chin."""
    return np.maximum(_ellipse(u, y, (0, 15.2), (8.1, 9.9)), 0.93 * u + 0.5 * y - 17.4)


def _ellipse(u: Floats, y: Floats, centre: tuple[float, float], radii: tuple[float, float]) -> Floats:
    """Signed distance to an ellipse, to first order (exact on its outline)."""
    a, b = (u - centre[0]) / radii[0], (y - centre[1]) / radii[1]
    radius = np.hypot(a, b)
    slope = np.hypot(a / radii[0], b / radii[1])
    distance: Floats = radius * (radius - 1) / np.maximum(slope, 1e-6)
    return distance


def _cover(distance: Floats) -> Floats:
    """How much of a pixel lies inside of an outline at this signed distance from its middle."""
    cover: Floats = np.clip(0.5 - distance, 0, 1)
    return cover


def _spot(a: Floats, b: Floats) -> Floats:
    """A soft spot of radius 1."""
    spot: Floats = np.exp(-(a**2) - b**2)
    return spot


def _cropped(cover: Floats) -> Layer:
    rows, columns = np.flatnonzero(cover.any(axis=1)), np.flatnonzero(cover.any(axis=0))
    part = slice(int(rows[0]), int(rows[-1]) + 1), slice(int(columns[0]), int(columns[-1]) + 1)
    return Layer(cover=cover[part], rows=part[0], columns=part[1])


def _grid(rows: slice, columns: slice) -> tuple[Floats, Floats]:
    """(u [1, w], y [h, 1]): the middles of the pixels in a part of the right half."""
    u = np.arange(columns.start, columns.stop, dtype=np.float32) + np.float32(0.5)
    y = np.arange(rows.start, rows.stop, dtype=np.float32) + np.float32(0.5)
    return u[np.newaxis, :], y[:, np.newaxis]


def _mix(stops: tuple[tuple[int, int, int], ...], at: Floats) -> Floats:
    """Colours [n, 3, …] on the way through ``stops``, at [n, 1, …] from 0 to 1."""
    place = at * (len(stops) - 1)
    return sum(
        (np.maximum(1 - np.abs(place - i), 0) * _rgb(stop) for i, stop in enumerate(stops)), np.zeros_like(place)
    )


def _rgb(colour: tuple[int, int, int]) -> Floats:
    return (np.array(colour, np.float32) / np.float32(255)).reshape(3, 1, 1)
