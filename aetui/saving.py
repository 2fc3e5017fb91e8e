"""What is on the screen as files: SVG, PNG, GIF."""

from __future__ import annotations

import io
import itertools
import time
from pathlib import Path
from typing import Any

import numpy as np

from aetui.frames import Frames
from export import atomic

SHORT_SIDE = 280
"""Pictures are enlarged to about so many pixels, each pixel a square."""


def free_path(folder: Path, what: str, suffix: str) -> Path:
    """``aetui-<what>-<time>.<suffix>`` in ``folder``, numbered where it is taken."""
    name = f"aetui-{what}-{time.strftime('%Y%m%d-%H%M%S')}"
    names = itertools.chain([name], (f"{name}-{number}" for number in itertools.count(2)))
    return next(path for name in names if not (path := folder / f"{name}.{suffix}").exists())


def write(path: Path, data: bytes) -> None:
    """Write a file, whole or not at all. Raises OSError, which names the folder: where the disk is full it would name
    nothing, else a file that was only for the time being."""
    try:
        atomic.write_bytes(path, data)
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path.parent.absolute())) from error


def save_svg(svg: str, folder: Path, what: str) -> Path:
    """Write the drawing of a screen. Returns its path. Raises OSError."""
    path = free_path(folder.expanduser(), what, "svg")
    write(path, svg.encode())
    return path


def save_frames(frames: Frames, folder: Path, what: str) -> Path:
    """Write pictures: one as PNG, several as GIF that loops. Returns the path. Raises OSError."""
    images = [_enlarged(image) for image in frames.images]
    buffer = io.BytesIO()
    if len(images) == 1:
        images[0].save(buffer, "PNG", optimize=True)
    else:
        each_ms = max(20, round(1000 / frames.per_s))
        images[0].save(buffer, "GIF", save_all=True, append_images=images[1:], duration=each_ms, loop=0)
    path = free_path(
        folder.expanduser(), f"{what}-{frames.title}".replace(" ", "-"), "png" if len(images) == 1 else "gif"
    )
    write(path, buffer.getvalue())
    return path


def _enlarged(image: np.ndarray[Any, Any]) -> Any:
    """[C, H, W] as a Pillow image, its short side ``SHORT_SIDE`` or more."""
    from PIL import Image

    pixels = image if image.dtype == np.uint8 else (image.clip(0, 1) * 255 + 0.5).astype(np.uint8)
    made = Image.fromarray(pixels[0] if len(pixels) == 1 else np.ascontiguousarray(pixels.transpose(1, 2, 0)))
    factor = max(1, -(-SHORT_SIDE // min(made.size)))
    return made.resize((made.width * factor, made.height * factor), Image.Resampling.NEAREST)
