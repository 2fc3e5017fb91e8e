"""What moves in ``bench.moving_app``, and how that app is started on a terminal.

``CONTENTS`` has what pictures may show, ``moving(folder, scene)`` runs the app on a terminal that fits.
"""

from __future__ import annotations

import contextlib
import json
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from aetui.paint.images import as_pixels
from aetui.paint.resize import enlarge
from bench.digits import digits
from bench.machine import environment
from bench.moving_app import BEGIN, END, READY
from bench.slow_link import LOCAL, SlowTerminal, Wire

Images = npt.NDArray[np.float32]

SIDE = 28


def scanned_digits(count: int) -> Images:
    """scikit-learn's 8 × 8 digits with MNIST's margin, smoothly enlarged. float32 [count, 28, 28]."""
    from sklearn.datasets import load_digits

    small = (load_digits().images[:count] / 16).astype(np.float32)
    return enlarge(np.pad(small, ((0, 0), (1, 1), (1, 1))), SIDE, SIDE)


def fashion(count: int) -> Images:
    """Fashion-MNIST's first test images. Raises ToolError where they are not to be had."""
    from trainer.data.load import load

    return as_pixels(np.asarray(load("fashion-mnist").test.images[:count]).reshape(1, count * SIDE, SIDE)).reshape(
        count, SIDE, SIDE
    )


CONTENTS: dict[str, Callable[[int], Images]] = {"digits": scanned_digits, "strokes": digits, "Fashion-MNIST": fashion}

_GRIDS = {1: (1, 1), 8: (4, 2), 24: (8, 3)}


@dataclass(frozen=True, kw_only=True)
class Scene:
    """What is shown and how. count: 1, 8 or 24 pictures of 28 × 28 pixels. per_s: wanted frames/s; 0: at ``g``.

    kb_per_s: as of aetui. whole: characters as large as the pixels (two each) instead of as the half blocks. numbered:
    the first picture says which frame it is.
    """

    count: int = 8
    painter: str = "delta"
    content: str = "digits"
    render: str = "auto"
    per_s: float = 0.0
    kb_per_s: int = 0
    whole: bool = False
    numbered: bool = False

    @property
    def cells(self) -> tuple[int, int]:
        """Columns and rows of a picture, with the space round it."""
        return (2 * SIDE + 2, SIDE + 1) if self.whole else (SIDE + 2, SIDE // 2 + 1)

    @property
    def size(self) -> tuple[int, int]:
        """Columns and rows of the terminal."""
        across, down = _GRIDS[self.count]
        return across * self.cells[0], down * self.cells[1] + 1

    def images(self) -> Images:
        """Two for each picture, float32 [2, count, 28, 28]."""
        return CONTENTS[self.content](2 * self.count).reshape(2, self.count, SIDE, SIDE)

    def command(self, folder: Path) -> list[str]:
        """The app that shows it; ``folder`` gets its images and its report."""
        np.save(folder / "images.npy", self.images())
        arguments = {
            "--images": folder / "images.npy",
            "--report": folder / "report.json",
            "--across": _GRIDS[self.count][0],
            "--painter": self.painter,
            "--render": self.render,
            "--per-s": self.per_s,
            "--kb-per-s": self.kb_per_s,
        }
        flags = ["--cells", *map(str, self.cells), *(["--numbered"] if self.numbered else [])]
        given = [str(one) for two in arguments.items() for one in two]
        return [sys.executable, "-m", "bench.moving_app", *given, *flags]

    def environment(self) -> dict[str, str]:
        return environment(**({"COLORTERM": "truecolor"} if self.render == "truecolor" else {}))


@contextlib.contextmanager
def moving(folder: Path, scene: Scene, wire: Wire = LOCAL) -> Iterator[SlowTerminal]:
    """The app on a terminal at the far end of ``wire``, once it is there."""
    folder.mkdir(exist_ok=True)
    with SlowTerminal(scene.command(folder), folder, scene.size, wire, scene.environment()) as terminal:
        came = b""
        deadline = time.perf_counter() + 60
        while READY.encode() not in came:
            came += b"".join(data for _, data in terminal.read_for(0.1))
            if time.perf_counter() > deadline:
                raise TimeoutError(f"nothing moves:\n{came[-2000:]!r}")
        yield terminal


@dataclass(frozen=True, kw_only=True)
class Cycle:
    """One cycle of a scene, each step drawn once. bytes: all that was sent. places: x, y, columns, rows of pictures."""

    frames: int
    cpu_s: float
    bytes: int
    places: Sequence[tuple[int, int, int, int]]


def cycle(folder: Path, scene: Scene) -> Cycle:
    """Let the app draw one at ``g``, in a folder of its own."""
    with moving(folder, scene) as terminal:
        terminal.read(0.5)
        terminal.press(b"g")
        came = b""
        deadline = time.perf_counter() + 60
        while END not in came:
            came += b"".join(data for _, data in terminal.read_for(0.1))
            if time.perf_counter() > deadline:
                raise TimeoutError("the cycle has no end")
    report: dict[str, Any] = json.loads((folder / "report.json").read_text())
    if report["late"] > report["frames"] // 10:
        raise RuntimeError(f"{report['late']} of {report['frames']} steps sent nothing: this is no measurement")
    return Cycle(
        frames=report["frames"],
        cpu_s=report["cpu_s"],
        bytes=came.index(END) - came.index(BEGIN) - len(BEGIN),
        places=[tuple(place) for place in report["places"]],
    )
