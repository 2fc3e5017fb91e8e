"""The app before its first screen is there."""

from __future__ import annotations

from pathlib import Path

import pytest

from aetui.app import AetuiApp
from aetui.follow.sources import Sources


@pytest.mark.parametrize("waited_ms", [0, 4, 8, 12])
async def test_who_leaves_while_it_loads_leaves_no_error(tmp_path: Path, waited_ms: int) -> None:
    app = AetuiApp(Sources(runs_dir=tmp_path, folders=(tmp_path,)), provider="cpu")
    async with app.run_test() as pilot:
        await pilot.pause(waited_ms / 1000)
