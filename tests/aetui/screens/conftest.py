"""The app on a folder of runs."""

from __future__ import annotations

import contextlib
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest
from textual.pilot import Pilot

from aetui.app import AetuiApp
from aetui.follow.sources import Sources
from aetui.settings import Settings

Shown = Callable[..., AbstractAsyncContextManager[tuple[AetuiApp, Pilot[int]]]]

_UNTIL_DRAWN = 4
"""What is new is laid out, the widgets learn their sizes, fill themselves, and are drawn."""


def _stands(app: AetuiApp) -> bool:
    """True once the first screen is there."""
    page = app.page()
    return page is not None and page.is_mounted


@pytest.fixture
def shown(runs_dir: Path) -> Shown:
    """``async with shown((80, 24)) as (app, pilot)``: the app, once it shows the runs of ``runs_dir``.

    What it saves lies beside ``runs_dir``.
    """

    @contextlib.asynccontextmanager
    async def open_app(size: tuple[int, int] = (80, 24)) -> AsyncIterator[tuple[AetuiApp, Pilot[int]]]:
        settings = Settings(save_dir=str(runs_dir.parent))
        app = AetuiApp(Sources(runs_dir=runs_dir, folders=(runs_dir,)), provider="cpu", settings=settings)
        async with app.run_test(size=size, notifications=True) as pilot:
            deadline = time.monotonic() + 20
            while not app.looked or len(app.entries) < len(list(runs_dir.iterdir())) or not _stands(app):
                assert time.monotonic() < deadline
                await pilot.pause(0.01)
            for _ in range(_UNTIL_DRAWN):
                await pilot.pause(0)
            yield app, pilot

    return open_app
