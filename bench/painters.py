"""What a frame of moving pictures costs with either painter: parts of ``bench.link``."""

from __future__ import annotations

import statistics
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from aetui.paint.cells import Cells, blank, place
from aetui.paint.images import paint_image
from aetui.paint.look import Look
from bench.byte_floor import floor_bytes
from bench.figures import Figure
from bench.moving import CONTENTS, Cycle, Scene, cycle, moving
from bench.moving_app import STEPS, blend
from bench.slow_link import frames
from bench.terminal import cpu_s

_ROUNDS = 5
_LOCAL_S = 8.0
_WANTED_PER_S = 60.0


def frame_costs(folder: Path) -> list[Figure]:
    """The same frames by three painters: processor time of the whole app, bytes on the terminal, and the byte floor.

    An app that draws pictures with Textual's Line API refreshes the whole of a picture that changed; ours, where there
    is no delta painter, the rows of it that did.
    """
    painters = ("full", "delta", "line")
    rounds = [
        {painter: cycle(folder / f"{painter} {number}", Scene(painter=painter)) for painter in painters}
        for number in range(_ROUNDS)
    ]
    full, delta, line = ([each[painter] for each in rounds] for painter in painters)
    floor = floor_of(Scene(), delta[0].places)
    times = statistics.median(_ms([one]) / _ms([other]) for one, other in zip(full, delta, strict=True))
    return [
        Figure(what="8 pictures, processor time a frame, fewer times", value=times, unit="×", reach=8),
        Figure(what="8 pictures, bytes a frame, fewer times", value=_bytes(full) / _bytes(delta), unit="×", reach=7),
        Figure(
            what="8 pictures, bytes of the byte floor", value=_bytes(delta) / floor, unit="×", reach=1.15, at_most=True
        ),
        *_costs("8 pictures, delta painter", delta),
        *_costs("8 pictures, Line API", full),
        *_costs("8 pictures, Line API, changed rows alone", line),
        *_other_scenes(folder),
        *_characters(folder),
    ]


def _costs(what: str, cycles: Sequence[Cycle]) -> list[Figure]:
    return [
        Figure(what=f"{what}, a frame", value=_ms(cycles), unit="ms"),
        Figure(what=f"{what}, a frame", value=_bytes(cycles), unit="bytes"),
    ]


def _other_scenes(folder: Path) -> list[Figure]:
    scenes = {
        "1 picture": Scene(count=1),
        "24 pictures": Scene(count=24),
        "8 pictures, exact colours": Scene(render="truecolor"),
        **{f"8 pictures, {name}": Scene(content=name) for name in CONTENTS if name != Scene().content},
    }
    found = []
    for what, scene in scenes.items():
        for painter, name in (("delta", "delta painter"), ("full", "Line API")):
            found += _costs(f"{what}, {name}", [cycle(folder / f"{what} {painter}", replace(scene, painter=painter))])
    return found


def _characters(folder: Path) -> list[Figure]:
    """ASCII: in the place that half blocks take, and with two characters for each pixel."""
    small = cycle(folder / "ascii", Scene(render="ascii"))
    large = cycle(folder / "whole", Scene(render="ascii", whole=True))
    return [
        Figure(
            what="8 pictures in ASCII, a frame",
            value=small.bytes / small.frames,
            unit="bytes",
            reach=1024,
            at_most=True,
        ),
        Figure(
            what="8 pictures in ASCII, two characters a pixel, a frame", value=large.bytes / large.frames, unit="bytes"
        ),
    ]


def floor_of(scene: Scene, places: Sequence[tuple[int, int, int, int]]) -> float:
    """Bytes of a mean step of the cycle, as few as can be. places: where the pictures are on the terminal."""
    images = scene.images()

    def drawn(step: int) -> Cells:
        columns, rows = scene.size
        canvas = blank(rows, columns)
        for image, (x, y, wide, high) in zip(blend(images, step / STEPS), places, strict=True):
            cells = paint_image(image, wide, high, Look())
            place(canvas, y + (high - cells.rows) // 2, x + (wide - cells.columns) // 2, cells)
        return canvas

    steps = [drawn(step) for step in (STEPS - 1, *range(STEPS))]
    return sum(map(floor_bytes, steps[:-1], steps[1:])) / STEPS


def local_rates(folder: Path) -> list[Figure]:
    """On a terminal that is not far: frames/s and the share of a core."""
    eight = _rate(folder / "8", Scene(count=8, per_s=_WANTED_PER_S))
    many = _rate(folder / "24", Scene(count=24, per_s=_WANTED_PER_S))
    lines = _rate(folder / "lines", Scene(count=8, per_s=_WANTED_PER_S, painter="full"))
    return [
        Figure(what="8 pictures at 60 frames/s, of a core", value=100 * eight[1], unit="%", reach=15, at_most=True),
        Figure(what="8 pictures, wanted 60 frames/s", value=eight[0], unit="frames/s", reach=57),
        Figure(what="24 pictures, wanted 60 frames/s", value=many[0], unit="frames/s", reach=30),
        Figure(what="24 pictures at that, of a core", value=100 * many[1], unit="%"),
        Figure(what="8 pictures with the Line API, wanted 60 frames/s", value=lines[0], unit="frames/s"),
        Figure(what="8 pictures with the Line API at that, of a core", value=100 * lines[1], unit="%"),
    ]


def _rate(folder: Path, scene: Scene) -> tuple[float, float]:
    """(Frames/s, share of a core)."""
    with moving(folder, scene) as terminal:
        terminal.read_for(2.0)
        spent, begun = cpu_s(terminal.process.pid), time.perf_counter()
        chunks = terminal.read_for(_LOCAL_S)
        took = time.perf_counter() - begun
        return len(frames(chunks)) / took, (cpu_s(terminal.process.pid) - spent) / took


def _ms(cycles: Sequence[Cycle]) -> float:
    """Processor time a frame, ms."""
    return 1000 * statistics.median(one.cpu_s / one.frames for one in cycles)


def _bytes(cycles: Sequence[Cycle]) -> float:
    return statistics.median(one.bytes / one.frames for one in cycles)
