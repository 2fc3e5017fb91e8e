"""How every screen and view looks: sizes, colours, ASCII. ``pytest tests/aetui/snapshots --snapshot-update`` after a
change that was meant; look at the new drawings before they are committed."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from aetui.app import AetuiApp
from aetui.follow.sources import Sources
from aetui.settings import Settings
from trainer.runs.folder import RunFolder
from trainer.runs.samples import Sample, path_of, write_sample

MakeRun = Callable[..., RunFolder]
Compare = Callable[..., bool]

PLACES: dict[str, tuple[tuple[str, str], ...]] = {
    "runs": (("1", "variational"),),
    "filter": (("1", "variational"), ("slash l o s s < x", "loss<x")),
    "new-run": (("1", "variational"), ("n", "aetrain fit")),
    "delete": (("1", "variational"), ("D", "trash")),
    "curves": (("2", "validation"), ("left", "step 100")),
    "stacked": (("2", "validation"), ("tab", "kl")),
    "all-terms": (("2", "validation"), ("tab tab", "reconstruction")),
    "reconstructions": (("3", "mse"),),
    "variants": (("3", "mse"), ("v", "sparse")),
    "large": (("3", "mse"), ("enter", "ssim")),
    "deck": (("4", "slerp"), ("right", "t = 0.02")),
    "grid": (("4", "slerp"), ("g", "all classes")),
    "traversal": (("4", "slerp"), ("Z", "nats")),
    "map": (("4", "slerp"), ("M", "nearest")),
    "manifold": (("4", "slerp"), ("G", "code")),
    "prior": (("4", "slerp"), ("P", "seed")),
    "posterior": (("4", "slerp"), ("Q", "q(z|x)")),
    "attributes": (("4", "slerp"), ("I", "MIG")),
    "units": (("5", "unit"),),
    "one-unit": (("5", "unit"), ("enter", "density")),
    "field": (("6", "r(x)"),),
    "timemachine": (("7", "frame"),),
    "help": (("question_mark", "show the curves"),),
    "messages": (("e", "kept here"),),
}
"""The keys that lead there, each with what is to be read before the next ones."""

DARK, ANSI, ASCII = "dark", "ansi", "ascii"
LOOKS: dict[str, dict[str, str]] = {
    DARK: {"TERM": "xterm-256color"},
    ANSI: {"TERM": "xterm"},
    ASCII: {"TERM": "xterm-256color"},
}

PICTURES = ("runs", "curves", "reconstructions", "deck", "map", "timemachine")
OTHERS = ("new-run", "stacked", "variants", "traversal", "attributes", "one-unit", "field", "help")

CASES = [
    *((place, (80, 24), DARK) for place in PLACES),
    *((place, (80, 24), look) for place in (*PICTURES, *OTHERS) for look in (ANSI, ASCII)),
    *((place, (120, 40), DARK) for place in PICTURES),
    *((place, (200, 60), DARK) for place in PICTURES),
]


@pytest.fixture(autouse=True)
def _utc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The table says when a run began, by the clock on the wall."""
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.fixture
def runs(make_run: MakeRun) -> None:
    """A finished run of every variant, and one that failed."""
    options: dict[str, dict[str, Any]] = {"denoising": {"corruption": "gaussian", "level": 0.3}}
    for number, variant in enumerate(("undercomplete", "sparse", "denoising", "variational")):
        run = make_run(
            f"digits-{variant}", variant=variant, live=True, started=1.7e9 + number, options=options.get(variant)
        )
        run.samples.mkdir()
        for step in (1, 10, 100):
            write_sample(path_of(run.samples, step), sample(step))
    make_run("a-failed-one", state="failed", started=1.6e9, error="loss is not finite", rows=3)


def sample(step: int) -> Sample:
    """200 codes in ten bunches that move apart as the training goes on."""
    rng = np.random.default_rng(0)
    labels = np.arange(200) % 10
    angle = labels * 2 * np.pi / 10
    centres = np.stack([np.cos(angle), np.sin(angle)], axis=1) * np.log10(step + 1)
    latent = np.concatenate([centres + 0.2 * rng.standard_normal((200, 2)), rng.standard_normal((200, 62))], axis=1)
    pictures = np.full((16, 1, 8, 8), min(255, step), np.uint8)
    attributes = np.stack([labels % 2, np.cos(angle)], axis=1).astype(np.float32)
    return Sample(
        latent=latent.astype(np.float16),
        labels=labels,
        index=np.arange(200),
        reconstruction=pictures,
        attributes=attributes,
    )


@pytest.mark.parametrize(
    ("place", "size", "look"), CASES, ids=[f"{place}-{size[0]}x{size[1]}-{look}" for place, size, look in CASES]
)
def test_it_looks_as_it_did(
    runs: None,
    runs_dir: Path,
    snap_compare: Compare,
    monkeypatch: pytest.MonkeyPatch,
    place: str,
    size: tuple[int, int],
    look: str,
) -> None:
    for name in ("NO_COLOR", "COLORTERM", "TEXTUAL_COLOR_SYSTEM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", LOOKS[look]["TERM"])
    monkeypatch.chdir(runs_dir.parent)
    sources = Sources(runs_dir=Path("runs"), folders=(Path("runs"),))
    app = AetuiApp(sources, provider="cpu", render="ascii" if look == ASCII else "auto", settings=Settings())
    assert snap_compare(app, terminal_size=size, run_before=_going_to(app, PLACES[place]))


def _going_to(app: AetuiApp, steps: tuple[tuple[str, str], ...]) -> Callable[[Pilot[Any]], Awaitable[None]]:
    async def go(pilot: Pilot[Any]) -> None:
        await _until(pilot, app, lambda: len(app.entries) == 5 and app.status().startswith("CPU"))
        for keys, text in steps:
            await pilot.press(*keys.split())
            await _until(pilot, app, lambda text=text: text in _text(app))  # type: ignore[misc]
        for line in app.screen.query(Input):
            line.cursor_blink = False
        before, same = "", 0
        while same < 3:  # pictures come after what is said about them
            await pilot.pause(0.05)
            now = _text(app)
            same = same + 1 if now == before and not _asks() else 0
            before = now

    return go


def _asks() -> bool:
    """True while a view waits for what it is going to show."""
    return any("Latest._run" in repr(task) for task in asyncio.all_tasks())


async def _until(pilot: Pilot[Any], app: AetuiApp, condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline, _text(app)
        await pilot.pause(0.02)


def _text(app: AetuiApp) -> str:
    strips = app.screen._compositor.render_strips()
    return "\n".join("".join(segment.text for segment in strip).rstrip() for strip in strips)
