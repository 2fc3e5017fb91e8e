"""The frames of a training, and the one map on which they all lie."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from aetui.timemachine.timeline import (
    FrameCache,
    around,
    coordinates,
    dimensions,
    limits,
    name_of,
    nearest,
    projection_of,
)
from export.errors import ToolError
from trainer.runs.samples import Sample, path_of, write_sample


def sample(latent: np.ndarray, *, wide: bool = False) -> Sample:
    n = len(latent)
    return Sample(
        latent=latent.astype(np.float16),
        labels=np.arange(n) % 3,
        index=np.arange(n),
        reconstruction=np.zeros((4, 1, 2, 2), np.uint8),
        units=np.arange(32) if wide else None,
    )


def stretched(n: int = 200) -> np.ndarray:
    """Points along (3, 4)/5 with a spread of 5 and 1 across it."""
    draw = np.random.default_rng(0)
    along, across = draw.normal(0, 5, n), draw.normal(0, 1, n)
    return np.stack([10 + 0.6 * along - 0.8 * across, 0.8 * along + 0.6 * across - 3], axis=1)


def test_the_first_component_lies_along_the_spread() -> None:
    projection = projection_of(stretched())
    np.testing.assert_allclose(projection.directions @ projection.directions.T, np.eye(2), atol=1e-12)
    assert abs(projection.directions[0] @ [0.6, 0.8]) > 0.99
    variance = projection.scores(stretched()).var(axis=0)
    assert variance[0] > 10 * variance[1]


def test_components_agree_with_those_of_numpy_up_to_their_sign() -> None:
    codes = np.random.default_rng(1).normal(size=(50, 12)) * np.arange(1, 13)
    ours = projection_of(codes)
    _, _, theirs = np.linalg.svd(codes - codes.mean(axis=0))
    assert ours.directions.shape == (8, 12)
    np.testing.assert_allclose(np.abs((ours.directions * theirs[:8]).sum(axis=1)), 1, atol=1e-9)


def test_a_newer_frame_does_not_mirror_the_map() -> None:
    codes = stretched()
    first = projection_of(codes)
    mirrored = replace(first, directions=-first.directions)
    again = projection_of(codes + np.random.default_rng(2).normal(0, 0.01, codes.shape), mirrored)
    assert ((again.directions * mirrored.directions).sum(axis=1) > 0.9).all()


def test_one_projection_serves_every_frame() -> None:
    projection = projection_of(stretched())
    found = coordinates(sample(np.zeros((5, 2))), (0, 1), projection)
    np.testing.assert_allclose(found, np.tile(-projection.mean @ projection.directions.T, (5, 1)))


def test_the_dimensions_of_a_wide_code_are_its_stored_components() -> None:
    wide = sample(np.zeros((5, 40)), wide=True)
    assert dimensions(wide, components=False) == dimensions(wide, components=True) == 8
    assert name_of(wide, 2, components=False) == "PC 3"
    narrow = sample(np.zeros((5, 12)))
    assert (dimensions(narrow, components=False), dimensions(narrow, components=True)) == (12, 8)
    assert name_of(narrow, 2, components=False) == "z 3"


def test_a_code_of_one_dimension_has_a_row_for_each_class() -> None:
    line = sample(np.array([[0.5], [1.5], [2.5], [3.5]]))
    assert coordinates(line, (0, 1), None).tolist() == [[0.5, 0], [1.5, 1], [2.5, 2], [3.5, 0]]
    assert coordinates(sample(np.zeros((2, 0))), (0, 1), None).tolist() == [[0, 0], [0, 0]]


def test_the_limits_hold_nearly_all_points_and_none_that_are_far_out() -> None:
    points = np.concatenate([np.random.default_rng(3).random((1000, 2)), [[1000.0, 1000.0], [np.nan, 0.0]]])
    (left, right), (bottom, top) = limits(points)
    assert -0.2 < left < 0 < 1 < right < 1.3
    assert -0.2 < bottom < 0 < 1 < top < 1.3
    assert limits(np.empty((0, 2))) == ((-1.0, 1.0), (-1.0, 1.0))
    (left, right), _ = limits(np.ones((3, 2)))
    assert left < 1 < right


def test_the_next_frames_are_those_on_the_way() -> None:
    steps = [0, 10, 20, 30, 40]
    assert around(steps, 2, 2, 1) == [30, 10, 40, 0]
    assert around(steps, 0, 2, -1) == [10, 20]
    assert [nearest(steps, step) for step in (-5, 4, 26, 1e9)] == [0, 0, 3, 4]


async def test_a_frame_is_read_once_and_again_when_it_was_replaced(tmp_path: Path) -> None:
    cache = FrameCache()
    write_sample(path_of(tmp_path, 7), sample(np.zeros((3, 2))))
    assert cache.held(tmp_path, 7) is None
    first = await cache.read(tmp_path, 7)
    assert await cache.read(tmp_path, 7) is first
    assert cache.held(tmp_path, 7) is first
    write_sample(path_of(tmp_path, 7), sample(np.ones((3, 2))))
    assert (await cache.read(tmp_path, 7)).latent.tolist() == [[1, 1]] * 3


async def test_the_cache_keeps_the_frames_used_last(tmp_path: Path) -> None:
    one = sample(np.zeros((100, 2)))
    cache = FrameCache(room_bytes=2 * (one.latent.nbytes + one.reconstruction.nbytes))
    for step in (1, 2, 1, 3):
        write_sample(path_of(tmp_path, step), one) if step not in (1,) or not path_of(tmp_path, 1).exists() else None
        await cache.read(tmp_path, step)
    assert [cache.held(tmp_path, step) is not None for step in (1, 2, 3)] == [True, False, True]


async def test_a_frame_that_cannot_be_read_is_an_error_of_ours(tmp_path: Path) -> None:
    with pytest.raises(ToolError):
        await FrameCache().read(tmp_path, 1)
    path_of(tmp_path, 2).write_bytes(b"no archive")
    with pytest.raises(ToolError):
        await FrameCache().read(tmp_path, 2)
