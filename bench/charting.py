"""``python -m bench.charting --json``: what drawing curves costs, beside textual-plot in the same run.

Three noisy curves on 100 × 30 cells, from arrays to Textual strips: ``aetui``'s ``Chart`` widget and the ``PlotWidget``
of textual-plot, each in an app of its own without a terminal. A round sets the data anew and asks for every line; what
stays the same from round to round (a mounted widget, cached styles) counts for neither.
"""

from __future__ import annotations

import asyncio
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt
from textual.app import App, ComposeResult
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from aetui.paint.look import Look
from aetui.paint.series import Series
from aetui.widgets.chart import Chart
from bench.figures import Figure
from bench.report import Part, report

COLUMNS, ROWS = 100, 30
CURVES = 3

Taken = list[tuple[float, float]]
"""Seconds of each round: of the processor, and on the clock."""
_PROCESSOR, _CLOCK = 0, 1

Curves = list[tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]]


def curves(points: int, seed: int = 0) -> Curves:
    """Three losses that fall, with noise: xs and ys, float64 [points] each."""
    rng = np.random.default_rng(seed)
    steps = np.arange(points, dtype=np.float64)
    falling = np.exp(-3 * steps / points)
    return [(steps, falling + 0.2 * place + 0.05 * rng.standard_normal(points)) for place in range(CURVES)]


class _Stage(App[None]):
    look = Look()

    def __init__(self, widget: Widget) -> None:
        super().__init__()
        self._widget = widget

    def compose(self) -> ComposeResult:
        yield self._widget


def ours(points: int, rounds: int) -> Taken:
    """What every round of ``Chart`` takes."""
    chart = Chart()

    def draw(found: Curves) -> list[Strip]:
        chart.set_series([Series(xs, ys, f"run {place}") for place, (xs, ys) in enumerate(found)])
        return chart.render_lines(Region(0, 0, COLUMNS, ROWS))

    return asyncio.run(_timed(chart, draw, points, rounds))


def textual_plot(points: int, rounds: int) -> Taken:
    """The same of textual-plot's ``PlotWidget``, with braille dots as ours. Raises ImportError without it."""
    from textual_hires_canvas import Canvas, HiResMode
    from textual_plot import PlotWidget

    plot = PlotWidget()

    def draw(found: Curves) -> list[Strip]:
        plot.clear()
        for (xs, ys), colour in zip(found, ("cyan", "yellow", "green"), strict=True):
            plot.plot(xs, ys, line_style=colour, hires_mode=HiResMode.BRAILLE)
        plot.render()
        canvas = plot.query_one("#plot", Canvas)
        strips: list[Strip] = canvas.render_lines(Region(0, 0, canvas.size.width, canvas.size.height))
        return strips

    return asyncio.run(_timed(plot, draw, points, rounds))


async def _timed(widget: Widget, draw: Callable[[Curves], list[Strip]], points: int, rounds: int) -> Taken:
    """Draw other curves than the round before, in an app, and take the time; braille must have been drawn."""
    app = _Stage(widget)
    data = [curves(points, seed) for seed in (0, 1)]
    taken = []
    async with app.run_test(size=(COLUMNS, ROWS)) as pilot:
        await pilot.pause()
        for number in range(rounds + 1):
            began, started = time.process_time(), time.perf_counter()
            strips = draw(data[number % 2])
            taken.append((time.process_time() - began, time.perf_counter() - started))
        drawn = sum("⠁" <= character <= "⣿" for strip in strips for character in strip.text)
    if drawn < COLUMNS:
        raise RuntimeError(f"{type(widget).__name__} drew {drawn} cells with dots: this is no comparison")
    return taken[1:]


def drawing(folder: Path) -> list[Figure]:
    """Medians by the clock; the ratio by processor time, which others on the machine change less."""
    small, large, peer = ours(10_000, 15), ours(1_000_000, 7), textual_plot(10_000, 5)
    ratio = _ms(peer, _PROCESSOR) / _ms(small, _PROCESSOR)
    return [
        Figure(what="chart of 3 × 10,000 points", value=_ms(small), unit="ms", reach=5, at_most=True),
        Figure(what="the same with textual-plot", value=_ms(peer), unit="ms"),
        Figure(what="faster than textual-plot", value=ratio, unit="×", reach=50),
        Figure(what="chart of 3 × 1,000,000 points", value=_ms(large), unit="ms", reach=50, at_most=True),
    ]


def _ms(taken: Taken, which: int = _CLOCK) -> float:
    return 1000 * statistics.median(one[which] for one in taken)


PARTS: dict[str, Part] = {"drawing": drawing}


def main(arguments: list[str] | None = None) -> int:
    """The command line. Returns the exit code."""
    return report("charting", __doc__, PARTS, arguments)


if __name__ == "__main__":
    sys.exit(main())
