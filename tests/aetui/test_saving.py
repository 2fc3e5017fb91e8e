"""Screens and pictures as files."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from aetui.curves.files import save_csv
from aetui.frames import Frames, tile
from aetui.saving import free_path, save_frames, save_svg
from export.errors import from_os_error


def test_one_picture_is_a_png_of_large_square_pixels(tmp_path: Path) -> None:
    image = np.zeros((1, 1, 2, 2), np.float32)
    image[0, 0, 0, 1] = 1.0
    path = save_frames(Frames(images=image, title="a code"), tmp_path, "latent")
    assert path.suffix == ".png"
    assert path.name.startswith("aetui-latent-a-code-")
    with Image.open(path) as saved:
        pixels = np.asarray(saved)
    assert pixels.shape == (280, 280)
    assert (pixels[:140, 140:] == 255).all()
    assert pixels.sum() == 140 * 140 * 255


def test_several_are_a_gif_that_loops_at_their_speed(tmp_path: Path) -> None:
    images = np.linspace(0, 255, 5).astype(np.uint8)[:, None, None, None] * np.ones((1, 3, 4, 4), np.uint8)
    path = save_frames(Frames(images=images, per_s=20), tmp_path, "deck")
    with Image.open(path) as saved:
        assert saved.format == "GIF"
        assert saved.n_frames == 5  # type: ignore[attr-defined]
        assert (saved.info["duration"], saved.info["loop"]) == (50, 0)


def test_nothing_is_overwritten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.strftime", lambda _: "20260101-000000")
    first = save_svg("<svg/>", tmp_path, "runs")
    second = save_svg("<svg>2</svg>", tmp_path, "runs")
    assert first.name == "aetui-runs-20260101-000000.svg"
    assert second.name == "aetui-runs-20260101-000000-2.svg"
    assert first.read_text() == "<svg/>"
    assert free_path(tmp_path, "runs", "svg").name == "aetui-runs-20260101-000000-3.svg"


def test_a_folder_that_is_missing_is_an_os_error_that_names_it(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError) as caught:
        save_svg("<svg/>", tmp_path / "none", "runs")
    assert caught.value.filename == str(tmp_path / "none")


def test_a_disk_that_is_full_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fsync(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", fsync)
    for save in (save_svg, save_csv):
        with pytest.raises(OSError, match="No space left") as caught:
            save("text", tmp_path, "loss")
        assert from_os_error(caught.value).what == f"no space left for {tmp_path}"
    assert list(tmp_path.iterdir()) == []


def test_tiles_stand_in_rows_with_white_between() -> None:
    images = np.zeros((3, 1, 2, 2), np.float32)
    sheet = tile(images, 2)
    assert sheet.shape == (1, 1, 5, 5)
    white = np.ones((5, 5), bool)
    white[0:2, 0:2] = white[0:2, 3:5] = white[3:5, 0:2] = False
    assert (sheet[0, 0] == white).all()
