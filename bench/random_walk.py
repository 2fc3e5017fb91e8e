"""Random frames: everything that may happen to pictures on a screen, and whether the terminal shows what it should.

``walk(frames, seed)`` runs an app with pictures on an emulator and does one random thing after the other.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import sys
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, cast

import numpy as np
from textual._compositor import Compositor, CompositorMap
from textual.containers import VerticalScroll
from textual.pilot import Pilot
from textual.screen import UPDATE_PERIOD
from textual.widgets import Static

from aetui.paint.look import FULL_GRAYS
from aetui.shell import Shell
from aetui.terminal.capabilities import look_for
from aetui.themes import NAMES
from aetui.widgets.picture import Picture
from bench.emulated import Emulator, colours, on, wrong_cells
from bench.walked_app import Album, Dialog, Walker, Words

SIZES = ((60, 20), (61, 19), (34, 12), (80, 24), (60, 20))
RENDERS = ("half", "gray", "truecolor", "ascii")
SIDE = 12
"""Pixels of a picture."""

QUICK = frozenset({"one picture", "several pictures", "all pictures", "words", "text"})
"""After these there is nothing that Textual does only when it has time."""

_TEXTS = ("", "caption", "ünï", "名前 wide", "a longer caption that is cut")


@dataclass(kw_only=True)
class Walked:
    """frames: compared so often. cells: in all of them. wrong: of those. steps: what was done, and how often.

    first: the first wrong frame, in words. asked: frames that the painter asked a report for.
    """

    frames: int = 0
    asked: int = 0
    cells: int = 0
    wrong: int = 0
    first: str = ""
    steps: Counter[str] = field(default_factory=Counter)


class Walk:
    """Does random things to a ``Walker``; the same ones for the same seed."""

    def __init__(self, pilot: Pilot[Any], emulator: Emulator, seed: int) -> None:
        self._pilot, self._emulator = pilot, emulator
        self._app = cast(Walker, pilot.app)
        self._choose = random.Random(seed)
        self._noise = np.random.default_rng(seed)
        self._likely: tuple[tuple[int, Callable[[], Awaitable[None] | None]], ...] = (
            (60, self._one_picture),
            (30, self._several_pictures),
            (10, self._all_pictures),
            (8, self._words),
            (6, self._text),
            (6, self._scroll),
            (4, self._cover),
            (3, self._dialog),
            (3, self._toast),
            (3, self._styles),
            (2, self._key),
            (2, self._screen),
            (2, self._resize),
            (2, self._look),
            (1, self._theme),
            (2, self._pace),
            (1, self._remove),
        )

    async def step(self, *, quick: bool = False) -> str:
        """One of them. Returns its name. quick: one that may come at any moment."""
        likely = [(weight, name(step), step) for weight, step in self._likely]
        likely = [one for one in likely if one[1] in QUICK] if quick else likely
        _, chosen, act = self._choose.choices(likely, [weight for weight, _, _ in likely])[0]
        waited = act()
        if waited is not None:
            await waited
        return chosen

    def _pictures(self) -> list[Picture]:
        """Those of the top screen, and now and then of one below it."""
        screens = self._app.screen_stack[-2:] if self._choose.random() < 0.2 else [self._app.screen]
        return [picture for screen in screens for picture in screen.query(Picture)]

    def _draw(self, picture: Picture) -> None:
        kind = self._choose.random()
        if kind < 0.05:
            picture.show_image(None)
            return
        image = self._noise.random((SIDE, SIDE), np.float32)
        if kind < 0.8:  # smooth, with flat parts
            image = (image.mean(axis=self._choose.randrange(2), keepdims=True) + np.zeros_like(image)).clip(0, 1)
            image[self._choose.randrange(SIDE) :] *= self._choose.random()
        if kind > 0.93:
            image = self._noise.random((3, SIDE, SIDE), np.float32)
        picture.show_image(image, self._choose.choice(_TEXTS))

    def _one_picture(self) -> None:
        pictures = self._pictures()
        if pictures:
            self._draw(self._choose.choice(pictures))

    def _several_pictures(self) -> None:
        for picture in self._pictures():
            if self._choose.random() < 0.5:
                self._draw(picture)

    def _all_pictures(self) -> None:
        for picture in self._pictures():
            self._draw(picture)

    def _words(self) -> None:
        for view in self._app.screen.query(Words):
            texts = [*_TEXTS, "▀▄█ ", "██", "▄▄▀", "x", "⣿⡇"]
            view.words = tuple(
                (
                    self._choose.choice(texts),
                    self._choose.choice((-1, 3, 16, 232, 250, 231)),
                    self._choose.choice((-1, 16, 240, 196)),
                )
                for _ in range(self._choose.randrange(6))
            )
            view.repaint()

    def _text(self) -> None:
        for text in self._app.screen.query(Static):
            text.update(f"number {self._choose.randrange(1000)} {self._choose.choice(_TEXTS)}")
        self._one_picture()

    def _scroll(self) -> None:
        for view in self._app.screen.query(VerticalScroll):
            view.scroll_to(y=self._choose.randrange(20), animate=False, immediate=self._choose.random() < 0.5)
        if self._choose.random() < 0.5:
            self._several_pictures()

    def _cover(self) -> None:
        for cover in self._app.screen.query("#cover"):
            cover.display = self._choose.random() < 0.5
            cover.styles.offset = (self._choose.randrange(-5, 50), self._choose.randrange(-1, 18))
        if self._choose.random() < 0.5:
            self._several_pictures()

    async def _dialog(self) -> None:
        if isinstance(self._app.screen, Dialog):
            await self._app.pop_screen()
        elif self._choose.random() < 0.5:
            await self._app.push_screen(Dialog())
        else:
            self._app.push_screen(Dialog())  # at the same time as something is drawn
            self._all_pictures()

    def _toast(self) -> None:
        if self._choose.random() < 0.5:
            self._app.clear_notifications()
        else:
            self._app.notify("a toast\nof two lines", title="said", timeout=3600)
        if self._choose.random() < 0.5:
            self._several_pictures()

    def _styles(self) -> None:
        pictures = self._pictures()
        if not pictures:
            return
        picture = self._choose.choice(pictures)
        styles = picture.styles
        change = self._choose.randrange(7)
        if change == 0:
            styles.opacity = self._choose.choice((0.3, 1.0))
        elif change == 1:
            picture.disabled = not picture.disabled
        elif change == 2:
            picture.visible = not picture.visible
        elif change == 3:
            styles.background = self._choose.choice(("red", "#204060", "transparent"))
        elif change == 4:
            styles.border = self._choose.choice((("round", "green"), ("", "green")))
        elif change == 5:
            styles.padding = self._choose.choice((0, 1))
        else:
            styles.tint = self._choose.choice(("transparent", "red 40%"))
        if self._choose.random() < 0.5:
            self._draw(picture)

    async def _key(self) -> None:
        self._emulator.type(self._choose.choice("xyz\t"))

    def _screen(self) -> None:
        if not isinstance(self._app.screen, Dialog):
            self._app.switch_screen("wall" if isinstance(self._app.screen, Album) else "album")
            if self._choose.random() < 0.5:
                self._all_pictures()

    def _resize(self) -> None:
        self._emulator.resize(*self._choose.choice(SIZES))
        if self._choose.random() < 0.5:
            self._all_pictures()

    def _look(self) -> None:
        render = self._choose.choice(RENDERS)
        self._app.look = look_for(self._app._terminal, render, dark=self._app.look.dark)

    def _theme(self) -> None:
        self._app.theme = self._choose.choice(list(NAMES.values()))

    def _pace(self) -> None:
        self._app.pace.wished_grays = self._choose.choice((7, 13, FULL_GRAYS))
        self._app.pace.wished_budget = self._choose.choice((None, None, 500))
        self._all_pictures()

    async def _remove(self) -> None:
        for view in self._app.screen.query(VerticalScroll):
            pictures = view.query(Picture)
            if len(pictures) > 2:
                pictures[0].remove()
            else:
                made = Picture()
                await view.mount(made)
                self._draw(made)


@contextmanager
def textual_mended() -> Iterator[None]:
    """Textual 8.2 makes its map of all widgets anew when somebody asks for it, and then takes what came or went in the
    meantime for painted: a toast after a scroll may stay invisible. Here such places are painted."""
    before = Compositor.full_map

    def full_map(self: Compositor) -> CompositorMap:
        known = self._full_map
        if self.root is None or not self._full_map_invalidated:
            return known
        found: CompositorMap = before.__get__(self)
        changes = [geometry.visible_region for _, geometry in found.items() ^ known.items()]
        self._dirty_regions.update(region for region in changes if region)
        return found

    Compositor.full_map = property(full_map)  # type: ignore[assignment, method-assign]
    try:
        yield
    finally:
        Compositor.full_map = before  # type: ignore[method-assign]


def name(step: Callable[[], object]) -> str:
    """Of a step, for people."""
    return step.__name__.strip("_").replace("_", " ")


def walk(frames: int, seed: int = 0, *, delta: bool = True) -> Walked:
    """So many random frames, each compared, but for those that follow at once on the one before.

    delta: with the delta painter; else Textual alone paints.
    """
    found = Walked()
    emulator = Emulator(*SIZES[0])

    async def go(pilot: Pilot[Any]) -> None:
        await pilot.pause()
        steps = Walk(pilot, emulator, seed)
        choose = random.Random(seed + 1)
        while found.frames < frames:
            done = [await steps.step()]
            while choose.random() < 0.2:
                done.append(await steps.step(quick=True))
            await settled(pilot, emulator, 0.0 if QUICK.issuperset(done) else 3 * UPDATE_PERIOD + 0.02)
            found.steps.update(done)
            wrong = wrong_cells(pilot.app, emulator)
            found.frames += 1
            found.cells += emulator.size[0] * emulator.size[1]
            found.wrong += len(wrong)
            if wrong and not found.first:
                found.first = f"frame {found.frames} after {', '.join(done)}: {len(wrong)} cells, {wrong[:3]} first"

    with colours(), textual_mended():
        on(emulator, Walker(delta=delta), go, limit_s=3600)
    found.asked = emulator.asked
    return found


async def settled(pilot: Pilot[Any], emulator: Emulator, quiet_s: float) -> None:
    """Until nothing more is drawn and the app knows the size of its terminal.

    quiet_s: so long, Textual does it in its own time; 0: what was asked for is drawn now.
    """
    app, quiet, since = pilot.app, 0, time.perf_counter()
    deadline = since + 10
    while quiet < 2 or time.perf_counter() - since < quiet_s:
        before = emulator.written
        if quiet_s:
            await asyncio.sleep(0.002)
        else:
            await pilot.pause(0)
        painter = app.painter if isinstance(app, Shell) else None
        waits = painter is not None and painter.waiting
        if waits or emulator.written != before or app.screen._compositor.size != emulator.size:
            quiet, since = 0, time.perf_counter()
        else:
            quiet += 1
        if time.perf_counter() > deadline:
            state = f"painter waits: {waits}, drawn {emulator.written - before} bytes, {app.screen._compositor.size}"
            raise TimeoutError(f"{app.screen} on {emulator.size} does not settle: {state}")


def main(arguments: list[str] | None = None) -> int:
    """``python -m bench.random_walk FRAMES SEED``: what was found, as JSON."""
    parser = argparse.ArgumentParser(prog="python -m bench.random_walk", description=__doc__)
    parser.add_argument("frames", type=int)
    parser.add_argument("seed", type=int)
    options = parser.parse_args(arguments)
    print(json.dumps(vars(walk(options.frames, options.seed))))
    return 0


if __name__ == "__main__":
    sys.exit(main())
