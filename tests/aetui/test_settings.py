"""``config.toml`` of the UI: what it may say, and how it is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from aetui.settings import Settings, read_settings
from export.errors import ExitCode, ToolError


def test_no_file_means_the_defaults(tmp_path: Path) -> None:
    assert read_settings(tmp_path / "config.toml") == Settings()


def test_what_it_says_is_taken(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text('theme = "light"\nmouse = false\nsmoothing = 0.9\nsave_dir = "~/pictures"\n')
    assert read_settings(file) == Settings(theme="light", mouse=False, smoothing=0.9, save_dir="~/pictures")


def test_a_whole_number_is_a_number(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text("smoothing = 0\n")
    assert read_settings(file).smoothing == 0.0
    file.write_text("kb_per_s = 100\n")
    assert read_settings(file).kb_per_s == 100


@pytest.mark.parametrize(
    ("text", "what", "do"),
    [
        ("them = 'dark'", "unknown key 'them'", "did you mean theme?"),
        ("theme = 'pink'", "theme = 'pink'", "theme = 'auto'"),
        ("mouse = 1", "mouse = 1", "mouse = true"),
        ("smoothing = 1.0", "smoothing = 1.0", "smoothing = 0.9"),
        ("smoothing = nan", "smoothing = nan", "smoothing = 0.9"),
        ("kb_per_s = 1.5", "kb_per_s = 1.5", "kb_per_s = 0"),
        ("kb_per_s = -1", "kb_per_s = -1", "kb_per_s = 100"),
        ("kb_per_s = true", "kb_per_s = True", "kb_per_s = 0"),
        ("theme = ", "cannot be read", "mend the file"),
        ("render = 3", "render = 3", "render = 'auto'"),
    ],
)
def test_what_it_cannot_mean_is_refused_with_a_way_out(tmp_path: Path, text: str, what: str, do: str) -> None:
    file = tmp_path / "config.toml"
    file.write_text(text)
    with pytest.raises(ToolError) as raised:
        read_settings(file)
    assert what in raised.value.what
    assert str(file) in raised.value.what
    assert do in raised.value.do
    assert raised.value.exit_code == ExitCode.USAGE
