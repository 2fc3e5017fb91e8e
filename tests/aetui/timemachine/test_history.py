"""Going through the frames of a run, off the event loop."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from aetui.follow.entries import Entry
from aetui.timemachine.history import AHEAD, History
from aetui.timemachine.timeline import FrameCache
from export.errors import ToolError
from trainer.runs.samples import Sample, path_of, write_sample

ENTRY = Entry(path=Path("nowhere"), name="a", state="finished")


def frame(spread: float, n: int = 30) -> Sample:
    codes = spread * np.random.default_rng(0).normal(size=(n, 3)) * [3, 2, 1]
    return Sample(
        latent=codes.astype(np.float16),
        labels=np.arange(n) % 3,
        index=np.arange(n),
        reconstruction=np.zeros((4, 1, 2, 2), np.uint8),
    )


def written(folder: Path, *steps: int) -> Path:
    folder.mkdir(exist_ok=True)
    for step in steps:
        write_sample(path_of(folder, step), frame(1.0 + step))
    return folder


async def test_the_map_is_that_of_the_newest_frame_and_is_not_mirrored_by_the_next(tmp_path: Path) -> None:
    history = History(FrameCache())
    folder = written(tmp_path / "samples", 1, 2, 3)
    await history.look(folder, ENTRY)
    assert history.steps == [1, 2, 3]
    first = history.components
    assert first is not None
    written(folder, 4)
    await history.look(folder, ENTRY)
    assert history.steps == [1, 2, 3, 4]
    assert history.components is not None
    assert history.components is not first
    assert ((first.directions * history.components.directions).sum(axis=1) > 0.99).all()


async def test_what_did_not_change_is_not_computed_again(tmp_path: Path) -> None:
    history = History(FrameCache())
    folder = written(tmp_path / "samples", 1, 2)
    await history.look(folder, ENTRY)
    first = history.components
    await history.look(folder, ENTRY)
    assert history.components is first


async def test_the_neighbours_are_read_ahead_until_something_else_is_wanted(tmp_path: Path) -> None:
    history = History(FrameCache())
    await history.look(written(tmp_path / "samples", *range(10)), ENTRY)
    await history.read_ahead(4, 1, lambda: False)
    held = [step for step in range(9) if history.held(step) is not None]
    assert held == [4 + by for by in range(-AHEAD, AHEAD + 1) if by]
    await history.read_ahead(0, 1, lambda: True)
    assert history.held(1) is None


async def test_a_damaged_neighbour_is_passed_over_and_a_damaged_frame_is_said(tmp_path: Path) -> None:
    history = History(FrameCache())
    folder = written(tmp_path / "samples", 1, 2, 3)
    path_of(folder, 2).write_bytes(b"?")
    await history.look(folder, ENTRY)
    await history.read_ahead(0, 1, lambda: False)
    assert history.held(2) is None
    assert history.held(3) is not None
    with pytest.raises(ToolError):
        await history.frame(2)


async def test_another_run_has_its_own_map_and_a_run_without_frames_none(tmp_path: Path) -> None:
    history = History(FrameCache())
    await history.look(written(tmp_path / "samples", 1), ENTRY)
    await history.look(tmp_path / "nothing", ENTRY)
    assert history.steps == []
    assert history.last is None
    assert history.components is None
