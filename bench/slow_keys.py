"""Keys while pictures move over a slow link, directly and inside tmux: parts of ``bench.link``."""

from __future__ import annotations

import contextlib
import random
import re
import shlex
import shutil
import statistics
import subprocess
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from bench.figures import Figure, p95
from bench.moving import Scene, moving
from bench.moving_app import READY
from bench.slow_link import SlowTerminal, Wire, frames, key_times
from bench.terminal import Chunk

MARKED = re.compile(rb"key-(\d{4})!")

SLOW = Wire(bytes_per_s=125_000, round_trip_s=0.1)
SLOWER = Wire(bytes_per_s=32_000, round_trip_s=0.2)
FAST = Wire(bytes_per_s=1_250_000, round_trip_s=0.05)

_KEYS = 60
_LINE_KEYS = 20
_SETTLE_S = 3.0
_FIRST_BYTES = 200_000
"""What Textual writes before anything moves: four repaints."""
"""Before the first key: so long the buffers fill, or the pacing finds the rate."""
_PATIENCE_S = 4.0
"""So long the last key is waited for."""
_PER_S = 30.0


@dataclass(frozen=True, kw_only=True)
class Taken:
    """per_s: frames that arrived. bytes_per_s: all. median_ms, p95_ms: of keys; one that was not answered counts with
    as long as it was waited for. unanswered: so many."""

    per_s: float
    bytes_per_s: float
    median_ms: float
    p95_ms: float
    unanswered: int


def slow_links(folder: Path) -> list[Figure]:
    """Frames/s that arrive, and keys, from the press to the changed text at the far end."""
    scene = Scene(per_s=_PER_S)
    line = replace(scene, painter="line")
    slow = _taken(folder / "slow", scene, SLOW, _KEYS)
    slower = _taken(folder / "slower", scene, SLOWER, _KEYS)
    fast = _taken(folder / "fast", scene, FAST, _KEYS)
    return [
        Figure(what="1 Mbit/s, 100 ms: 8 pictures", value=slow.per_s, unit="frames/s", reach=10),
        Figure(what="1 Mbit/s, 100 ms: key, p95", value=slow.p95_ms, unit="ms", reach=300, at_most=True),
        Figure(what="256 kbit/s, 200 ms: key, p95", value=slower.p95_ms, unit="ms", reach=500, at_most=True),
        Figure(what="1 Mbit/s, 100 ms: key, median", value=slow.median_ms, unit="ms"),
        Figure(what="256 kbit/s, 200 ms: key, median", value=slower.median_ms, unit="ms"),
        Figure(what="256 kbit/s, 200 ms: 8 pictures", value=slower.per_s, unit="frames/s"),
        Figure(what="10 Mbit/s, 50 ms: 8 pictures", value=fast.per_s, unit="frames/s"),
        Figure(what="10 Mbit/s, 50 ms: key, median", value=fast.median_ms, unit="ms"),
        Figure(what="10 Mbit/s, 50 ms: key, p95", value=fast.p95_ms, unit="ms"),
        *_lines("1 Mbit/s, 100 ms", _taken(folder / "slow lines", line, SLOW, _LINE_KEYS)),
        *_lines("256 kbit/s, 200 ms", _taken(folder / "slower lines", line, SLOWER, _LINE_KEYS)),
        *_lines("10 Mbit/s, 50 ms", _taken(folder / "fast lines", line, FAST, _LINE_KEYS)),
    ]


def inside_tmux(folder: Path) -> list[Figure]:
    """The app in a tmux whose client is at the far end: tmux draws, and it answers the app's reports itself."""
    if shutil.which("tmux") is None:
        raise RuntimeError("there is no tmux: apt-get install tmux")
    found = []
    for link, wire, kb_per_s in (
        ("1 Mbit/s, 100 ms, inside tmux", SLOW, 0),
        ("1 Mbit/s, 100 ms, inside tmux, --kb-per-s 90", SLOW, 90),
        ("256 kbit/s, 200 ms, inside tmux", SLOWER, 0),
        ("256 kbit/s, 200 ms, inside tmux, --kb-per-s 20", SLOWER, 20),
    ):
        scene = Scene(per_s=_PER_S, numbered=True, kb_per_s=kb_per_s)
        taken = _taken_in_tmux(folder / f"{link.split()[0]} {kb_per_s}", scene, wire)
        found += [
            Figure(what=f"{link}: 8 pictures", value=taken.per_s, unit="frames/s"),
            Figure(what=f"{link}: key, median", value=taken.median_ms, unit="ms"),
            Figure(what=f"{link}: key, p95", value=taken.p95_ms, unit="ms"),
            Figure(what=f"{link}: arrives", value=taken.bytes_per_s, unit="bytes/s"),
        ]
    return found


def _lines(link: str, taken: Taken) -> list[Figure]:
    return [
        Figure(what=f"{link}: 8 pictures, Line API", value=taken.per_s, unit="frames/s"),
        Figure(what=f"{link}: key, median, Line API (at least)", value=taken.median_ms, unit="ms"),
        Figure(what=f"{link}: key, p95, Line API (at least)", value=taken.p95_ms, unit="ms"),
    ]


def _settle_s(wire: Wire) -> float:
    """Until what was written at first is there, and a while in which the pacer gets to know the link."""
    return _SETTLE_S + (_FIRST_BYTES / wire.bytes_per_s if wire.bytes_per_s is not None else 0.0)


def _taken(folder: Path, scene: Scene, wire: Wire, keys: int) -> Taken:
    """Press so many keys at random moments, and see what arrives."""
    with moving(folder, scene, wire) as terminal:
        terminal.read_for(_settle_s(wire))
        pressed, chunks, over = _pressing(terminal, keys)
    began, last = pressed[0], pressed[-1]
    came = [frame for frame in frames(chunks) if began <= frame.when <= last]
    return _of_keys(key_times(chunks, pressed, MARKED), pressed, over, chunks, len(came) / (last - began))


def _of_keys(
    found: Sequence[float | None], pressed: Sequence[float], over: float, chunks: Sequence[Chunk], per_s: float
) -> Taken:
    waited = [over - at if took is None else took for took, at in zip(found, pressed, strict=True)]
    size = sum(len(data) for when, data in chunks if pressed[0] <= when <= pressed[-1])
    return Taken(
        per_s=per_s,
        bytes_per_s=size / (pressed[-1] - pressed[0]),
        median_ms=1000 * statistics.median(waited),
        p95_ms=1000 * p95(waited),
        unanswered=sum(took is None for took in found),
    )


def _pressing(terminal: SlowTerminal, keys: int) -> tuple[list[float], list[Chunk], float]:
    """(When each was pressed, what came, when it was over)."""
    choose, pressed, chunks = random.Random(0), [], []
    for _ in range(keys):
        chunks += terminal.read_for(choose.uniform(0.1, 0.4))
        pressed.append(terminal.press(b"k"))
    over = time.perf_counter() + _PATIENCE_S
    wanted = b"key-%04d!" % keys
    while time.perf_counter() < over and wanted not in b"".join(data for when, data in chunks if when > pressed[-1]):
        chunks += terminal.read_for(0.1)
    return pressed, chunks, time.perf_counter()


def _taken_in_tmux(folder: Path, scene: Scene, wire: Wire) -> Taken:
    """tmux sends what changed on its own screen, so what arrives is told by the emulator."""
    rows = scene.size[1]
    with _tmux(folder, scene, wire) as terminal:
        before = terminal.read_for(_settle_s(wire))
        pressed, chunks, over = _pressing(terminal, _KEYS)
    chunks = before + chunks
    numbers: list[tuple[str, float]] = []
    counts: list[tuple[int, float]] = []
    for when, data in chunks:
        terminal.feed(data)
        shown = terminal.screen.display
        number = re.search(r"frame (\d+)", shown[scene.cells[1] - 1])
        if number and (not numbers or numbers[-1][0] != number[1]):
            numbers.append((number[1], when))
        count = re.search(r"key-(\d{4})!", shown[rows - 1])
        if count and (not counts or counts[-1][0] != int(count[1])):
            counts.append((int(count[1]), when))
    found = [
        next((when - at for count, when in counts if count >= number), None)
        for number, at in enumerate(pressed, start=1)
    ]
    shown_frames = [when for _, when in numbers if pressed[0] <= when <= pressed[-1]]
    return _of_keys(found, pressed, over, chunks, len(shown_frames) / (pressed[-1] - pressed[0]))


@contextlib.contextmanager
def _tmux(folder: Path, scene: Scene, wire: Wire) -> Iterator[SlowTerminal]:
    """A tmux server of its own with the app in it, and its client on the link; the server ends with it."""
    folder.mkdir()
    (folder / "tmux.conf").write_text("set -g default-terminal tmux-256color\n")
    tmux = ["tmux", "-S", str(folder / "socket"), "-f", str(folder / "tmux.conf")]
    columns, rows = scene.size
    try:
        command = [*tmux, "new-session", shlex.join(scene.command(folder))]
        with SlowTerminal(command, folder, (columns, rows + 1), wire, scene.environment()) as terminal:
            terminal.wait_for(READY)
            yield terminal
    finally:
        subprocess.run([*tmux, "kill-server"], capture_output=True, check=False)
