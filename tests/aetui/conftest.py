"""Run folders small enough to know their numbers by heart, and ways to look at the app that shows them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import textual.app
import tomli_w
import torch
from textual.app import App
from textual.css.model import RuleSet
from textual.css.stylesheet import Stylesheet
from textual.pilot import Pilot
from torch import nn

from aetui.app import AetuiApp
from export import atomic
from export.layers import Heads
from export.live import write_live
from trainer.runs.folder import RunFolder
from trainer.runs.metrics import MetricsLog
from trainer.runs.probe import Probe, write_probe
from trainer.runs.status import Status, boot_id, write_status

from .pseudo_terminal import AETUI, Terminal

MakeRun = Callable[..., RunFolder]
Until = Callable[..., Awaitable[None]]

SIDE = 8

_PRESS_S = 0.005
_HANDED_ON = 3
"""A key goes from the app to its screen, to a widget, and what that says back to the screen."""


@pytest.fixture(autouse=True)
def _brief_presses(monkeypatch: pytest.MonkeyPatch) -> None:
    """A key is pressed as soon as all widgets have taken in the one before.

    ``Pilot`` waits for a process that does nothing, up to two seconds a key: where something plays there is none, and
    where there is one the key need not have arrived. Nor is anything held back while one screen gives way to another.
    """

    async def wait_for_idle(min_sleep: float = 0.0, max_sleep: float = 0.0) -> None:
        await asyncio.sleep(_PRESS_S)

    async def press(pilot: Pilot[Any], *keys: str) -> None:
        for key in keys:
            await pilot.app._press_keys([key])
            for _ in range(_HANDED_ON):
                await pilot.pause(0)

    monkeypatch.setattr(textual.app, "wait_for_idle", wait_for_idle)
    monkeypatch.setattr(Pilot, "press", press)
    monkeypatch.setattr(App, "delay_update", lambda app, delay=0.05: None)


@pytest.fixture(scope="session", autouse=True)
def _styles_read_once() -> Iterator[None]:
    """The same style sheet with the same colours is parsed once, not by every app, and for each of its screens anew."""
    known: dict[tuple[Any, ...], list[RuleSet]] = {}
    parse = Stylesheet._parse_rules

    def parse_once(sheet: Stylesheet, *source: Any, **more: Any) -> list[RuleSet]:
        key = (frozenset(sheet._variables.items()), source, *more.items())
        if key not in known:
            known[key] = parse(sheet, *source, **more)
        return known[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Stylesheet, "_parse_rules", parse_once)
        yield


@pytest.fixture
def runs_dir(tmp_path: Path) -> Path:
    """An empty folder for runs."""
    folder = tmp_path / "runs"
    folder.mkdir()
    return folder


@pytest.fixture
def make_run(runs_dir: Path) -> MakeRun:
    """``make_run("a", variant="sparse", live=True)``: a run whose network halves every image (MSE: mean(x²)/4)."""

    def make(
        name: str,
        *,
        variant: str = "undercomplete",
        state: str = "finished",
        step: int = 100,
        steps_total: int = 100,
        rows: int = 10,
        live: bool = False,
        started: float | None = None,
        options: dict[str, Any] | None = None,
        **status: Any,
    ) -> RunFolder:
        import os
        import socket

        run = RunFolder(runs_dir / name)
        run.path.mkdir()
        config = {
            "schema": 1,
            "variant": variant,
            "data": "digits",
            "arch": "mlp",
            variant: options or {},
            "resolved": {"steps_per_epoch": 10},
        }
        atomic.write_text(run.config, tomli_w.dumps(config))
        now = time.time()
        facts: dict[str, Any] = {
            "pid": os.getpid(),
            "host": socket.gethostname(),
            "boot_id": boot_id(),
            "state": state,
            "step": step,
            "steps_total": steps_total,
            "epoch": step / 10,
            "images_per_s": 1234.0,
            "device": "cpu",
            "started": now - 60 if started is None else started,
            "heartbeat": now,
            "loss": 1.5,
        }
        write_status(run, Status(**{**facts, **status}))
        log_metrics(run, 1, rows)
        write_probe(run.probe, probe())
        if live:
            publish(run, variant=variant, step=step)
        return run

    return make


def log_metrics(run: RunFolder, first: int, last: int) -> None:
    """Rows for the steps first … last: the loss is 100/step on train and 200/step on validation."""
    log = MetricsLog(run.metrics)
    for step in range(first, last + 1):
        for split, scale in (("train", 100.0), ("validation", 200.0)):
            value = scale / step
            row = {"step": step, "epoch": step / 10, "time": float(step), "split": split}
            log.append([{**row, "loss": value, "reconstruction": 0.75 * value, "kl": 0.25 * value}])
    log.close()


def probe() -> Probe:
    """16 images: the i-th has i + 1 bright rows of pixels' worth of ink."""
    images = np.zeros((16, 1, SIDE, SIDE), np.uint8)
    for i in range(16):
        images[i].reshape(-1)[: 4 * (i + 1)] = 255
    return Probe(images=images, labels=np.arange(16) % 10, index=np.arange(16))


def publish(run: RunFolder, *, variant: str = "undercomplete", step: int = 100, gain: float = 0.5) -> None:
    """Give the run a ``live/`` that multiplies every image by ``gain``."""
    size = SIDE * SIDE
    names = ("mean", "log_variance") if variant == "variational" else ("latent",)
    write_live(
        encoder=nn.Sequential(nn.Flatten(), Heads({name: _scaled(size, 1.0) for name in names})),
        decoder=nn.Sequential(_scaled(size, gain), nn.Unflatten(1, (1, SIDE, SIDE))),
        name=run.name,
        variant=variant,
        arch="mlp",
        data="digits",
        step=step,
        image_shape=(1, SIDE, SIDE),
        latent_dim=size,
        link=run.live,
    )


def _scaled(size: int, factor: float) -> nn.Linear:
    layer = nn.Linear(size, size)
    with torch.no_grad():
        layer.weight.copy_(factor * torch.eye(size))
        layer.bias.zero_()
    return layer


@pytest.fixture
def log_more() -> Callable[[RunFolder, int, int], None]:
    return log_metrics


@pytest.fixture
def publish_model() -> Callable[..., None]:
    return publish


@pytest.fixture
def text_of() -> Callable[[App[Any]], str]:
    """What is on the app's screen, a line per row."""

    def text(app: App[Any]) -> str:
        strips = app.screen._compositor.render_strips()
        return "\n".join("".join(segment.text for segment in strip).rstrip() for strip in strips)

    return text


@pytest.fixture
def told() -> Callable[[AetuiApp], str]:
    """What the app has told, a message per line: a toast breaks lines wherever the path in it happens to end."""

    def text(app: AetuiApp) -> str:
        return "\n".join(" ".join(f"{message.title} {message.text}".split()) for message in app.messages.all)

    return text


@pytest.fixture
def until() -> Until:
    """``await until(pilot, condition)``: the app works until ``condition()`` holds, 20 s at most, and draws."""

    async def wait(pilot: Pilot[Any], condition: Callable[[], object], *, seconds: float = 20.0) -> None:
        deadline = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < deadline, "it did not happen"
            await pilot.pause(0.02)
        await pilot.pause(0)  # what is there is drawn

    return wait


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Callable[..., Terminal]]:
    """Starts ``aetui`` with these arguments in a pseudo-terminal of its own, in ``tmp_path``."""
    opened: list[Terminal] = []

    def start(
        *arguments: str, size: tuple[int, int] = (80, 24), program: tuple[str, ...] = (AETUI,), **environ: str
    ) -> Terminal:
        opened.append(Terminal([*program, *arguments], tmp_path, size, environ))
        return opened[-1]

    yield start
    for one in opened:
        one.child.close(force=True)
