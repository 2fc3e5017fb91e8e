"""Recordings as asciinema reads them: header, pieces and sizes, and what is not in them."""

from __future__ import annotations

import errno
import json
import resource
import stat
from collections.abc import Iterator
from pathlib import Path

import pyte
import pytest

from aetui.terminal.clipboard import copying
from aetui.terminal.recording import MOST_WAITING, Recording, event, header
from export.errors import ExitCode, ToolError


def played(path: Path) -> tuple[dict[str, object], list[tuple[float, str, str]]]:
    first, *lines = path.read_text(encoding="utf-8").splitlines()
    return json.loads(first), [tuple(json.loads(line)) for line in lines]


def test_the_header_is_what_version_2_asks_for() -> None:
    found = json.loads(header((100, 30), 1700000000.9, {"TERM": "xterm", "SHELL": "/bin/sh", "TOKEN": "secret"}))
    assert found == {
        "version": 2,
        "width": 100,
        "height": 30,
        "timestamp": 1700000000,
        "env": {"TERM": "xterm", "SHELL": "/bin/sh"},
        "title": "aetui",
    }


def test_pieces_and_sizes_come_in_order_and_time_begins_with_the_first(tmp_path: Path) -> None:
    recording = Recording(tmp_path / "a.cast", (80, 24), {})
    recording.resized(80, 24)  # as it was
    recording.heard("\x1b[?1049h")
    recording.begin(lambda error: None)
    recording.heard("grüße ▀▄█ ⣿ \U0001f50e\x1b[0m")
    recording.resized(100, 30)
    recording.heard("\r\n")
    recording.close()
    assert recording.error is None
    _, pieces = played(tmp_path / "a.cast")
    assert [piece[1:] for piece in pieces] == [
        ("o", "\x1b[?1049h"),
        ("o", "grüße ▀▄█ ⣿ \U0001f50e\x1b[0m"),
        ("r", "100x30"),
        ("o", "\r\n"),
    ]
    times = [piece[0] for piece in pieces]
    assert times[0] == 0
    assert times == sorted(times)


def test_what_was_heard_is_written_also_where_the_app_never_began(tmp_path: Path) -> None:
    recording = Recording(tmp_path / "a.cast", (80, 24), {})
    recording.heard("x")
    recording.close()
    assert [piece[1:] for piece in played(tmp_path / "a.cast")[1]] == [("o", "x")]


@pytest.mark.parametrize(
    "left_out",
    [
        "\x1b[6n",
        "\x1b[?6n",
        "\x1b[?2026$p",
        "\x1b[?2048$p",
        "\x1b[c",
        "\x1b[>0q",
        "\x1b[?1000h\x1b[?1003h\x1b[?1015h\x1b[?1006h\x1b[?1016h",
        "\x1b[?1000l",
        "\x1b[?1004h",
        "\x1b[?2004h",
        "\x1b[?2048h",
        "\x1b[>25u",
        "\x1b[<u",
        copying("a secret\nof two lines", {}),
        copying("a secret", {"TMUX": "/tmp/tmux-0/default,1,0"}),
        copying("a secret", {"STY": "1.pts-0"}),
    ],
    ids=ascii,
)
def test_what_would_be_done_to_the_terminal_of_who_watches_is_left_out(left_out: str) -> None:
    assert event(0, "o", left_out) == ""
    assert json.loads(event(1, "o", f"\x1b[1m▀{left_out}█")) == [1, "o", "\x1b[1m▀█"]


@pytest.mark.parametrize(
    "kept",
    [
        "\x1b[?2026h",
        "\x1b[?2026l",
        "\x1b[?25l",
        "\x1b[?7l",
        "\x1b[?1049l",
        "\x1b[6C",
        "\x1b[38;5;232;48;5;255m",
        "c 6n",
    ],
    ids=ascii,
)
def test_what_is_shown_is_kept(kept: str) -> None:
    assert json.loads(event(0, "o", kept)) == [0, "o", kept]


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "a.cast"
    path.write_text("precious")
    with pytest.raises(ToolError, match="exists already") as caught:
        Recording(path, (80, 24), {})
    assert caught.value.exit_code == ExitCode.USAGE
    assert path.read_text() == "precious"


def test_a_link_that_leads_nowhere_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "a.cast").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(ToolError, match="exists already"):
        Recording(tmp_path / "a.cast", (80, 24), {})
    assert not (tmp_path / "elsewhere").exists()


def test_a_folder_that_is_not_there_is_the_systems_refusal(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        Recording(tmp_path / "no" / "a.cast", (80, 24), {})


@pytest.fixture
def small_files() -> Iterator[int]:
    """The system refuses to let a file grow past so many bytes, as a full disk would."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, before[1]))
    yield 1000
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_full_disk_ends_the_recording_after_a_whole_line(tmp_path: Path, small_files: int) -> None:
    told: list[ToolError] = []
    recording = Recording(tmp_path / "a.cast", (80, 24), {})
    recording.begin(told.append)
    for number in range(200):
        recording.heard(f"piece {number}")
    recording.close()
    assert told == [recording.error]
    assert told[0].exit_code == ExitCode.NO_SPACE
    assert "can be played" in told[0].do
    text = (tmp_path / "a.cast").read_text()
    assert small_files - 40 < len(text) <= small_files
    assert text.endswith("\n")
    assert [piece[2] for piece in played(tmp_path / "a.cast")[1]] == [f"piece {n}" for n in range(text.count("\n") - 1)]


def test_a_disk_that_is_full_from_the_start_is_refused_and_nothing_is_left(tmp_path: Path, small_files: int) -> None:
    with pytest.raises(OSError, match="too large") as caught:
        Recording(tmp_path / "a.cast", (80, 24), {"SHELL": "x" * small_files})
    assert caught.value.errno == errno.EFBIG
    assert not list(tmp_path.iterdir())


def test_a_disk_that_does_not_keep_up_costs_no_more_than_so_much_memory(tmp_path: Path) -> None:
    recording = Recording(tmp_path / "a.cast", (80, 24), {})
    for _ in range(MOST_WAITING + 100):  # nothing is written before it begins
        recording.heard("x")
    assert recording.error is not None
    assert "keep up" in recording.error.why
    assert recording._pieces.qsize() == MOST_WAITING + 1
    recording.close()
    played(tmp_path / "a.cast")


def test_it_is_an_ordinary_file(tmp_path: Path) -> None:
    Recording(tmp_path / "a.cast", (80, 24), {}).close()
    (tmp_path / "other").touch()
    assert stat.S_IMODE((tmp_path / "a.cast").stat().st_mode) == stat.S_IMODE((tmp_path / "other").stat().st_mode)


def test_a_player_shows_what_the_terminal_showed(tmp_path: Path) -> None:
    recording = Recording(tmp_path / "a.cast", (20, 3), {})
    shown = pyte.Screen(20, 3)
    stream = pyte.Stream(shown)
    recording.begin(lambda error: None)
    for piece in ("\x1b[?1049h\x1b[?25l", "\x1b[2;3H\x1b[38;2;1;2;3m▀█é", "\x1b[6n", "\x1b[0m⣿"):
        recording.heard(piece)
        stream.feed(piece)
    recording.close()
    screen = pyte.Screen(20, 3)
    for _, _, data in played(tmp_path / "a.cast")[1]:
        pyte.Stream(screen).feed(data)
    assert screen.buffer == shown.buffer
