"""``python -m bench.charting``: what drawing curves costs, beside textual-plot in the same run; prints JSON.

Three noisy curves on 100 × 30 cells, from arrays to Textual strips: ``aetui``'s ``Chart`` widget and the ``PlotWidget``
of textual-plot, each in an app of its own without a terminal. A round sets the data anew and asks for every line; what
stays the same from round to round (a mounted widget, cached styles) counts for neither. Times are this process's own
(CPU), so that a busy machine slows neither down; those on the clock stand beside them.
"""

from __future__ import annotations

import argparse
import asyncio
import importlib.metadata
import json
import statistics
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
from textual.app import App, ComposeResult
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from aetui.paint.look import Look
from aetui.paint.series import Series
from aetui.widgets.chart import Chart
from bench import machine

COLUMNS, ROWS = 100, 30
CURVES = 3

Taken = list[tuple[float, float]]
"""Seconds of each round: of the processor, and on the clock."""
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
        return canvas.render_lines(Region(0, 0, canvas.size.width, canvas.size.height))

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


def figures(rounds: int = 15, peer_rounds: int = 5) -> dict[str, Any]:
    """Medians in milliseconds: ours for 3 × 10,000 and 3 × 1,000,000 points, textual-plot's for the first."""
    small, large = ours(10_000, rounds), ours(1_000_000, max(3, rounds // 3))
    found: dict[str, Any] = {
        "chart_3x10k_ms": _ms(small),
        "chart_3x10k_clock_ms": _ms(small, clock=True),
        "chart_3x1m_ms": _ms(large),
        "chart_3x1m_clock_ms": _ms(large, clock=True),
        "columns": COLUMNS,
        "rows": ROWS,
    }
    try:
        peer = textual_plot(10_000, peer_rounds)
    except ImportError:
        return found
    return {
        **found,
        "textual_plot_3x10k_ms": _ms(peer),
        "textual_plot_3x10k_clock_ms": _ms(peer, clock=True),
        "textual_plot": importlib.metadata.version("textual-plot"),
        "times_faster": round(_ms(peer) / _ms(small), 1),
    }


def _ms(taken: Taken, *, clock: bool = False) -> float:
    return round(1000 * statistics.median(one[clock] for one in taken), 2)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=15)
    arguments = parser.parse_args()
    print(json.dumps({"figures": figures(arguments.rounds), "machine": machine.facts()}, indent=1))


if __name__ == "__main__":
    main()
