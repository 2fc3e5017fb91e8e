"""Makes the picture of the README: trains small runs in a temporary folder, and records aetui while it shows them.

    python -m docs.record_demo            # docs/aetui.gif, in about two minutes on two cores

Needs the files of Fashion-MNIST (``aetrain data``), and what docs/cast_to_gif.py needs.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from time import perf_counter
from typing import NamedTuple

from bench.slow_link import Answers
from bench.terminal import Terminal
from docs.cast_to_gif import convert

PICTURE = Path(__file__).parent / "aetui.gif"
SIZE = (100, 30)
PROGRAMS = Path(sys.executable).parent

TRAININGS = (
    "denoising --data moons --steps 3000 --name moons",
    "variational --data fashion-mnist --latent-dim 2 --epochs 8 --name fashion",
    "variational --data faces --arch conv --latent-dim 8 --steps 1200 --name faces",
)
"""The last one is shown first; ``]`` goes to the one before it."""

LIVE = "undercomplete --data fashion-mnist --arch conv --latent-dim 32 --lr 0.0002 --steps 4000 --threads 1 --name live"
"""Trains while it is looked at; the newest, so it is at the top."""

LEFT, RIGHT, UP, DOWN = "\x1b[D", "\x1b[C", "\x1b[A", "\x1b[B"


class Press(NamedTuple):
    """Keys one after the other, and how long the picture is looked at after each of them."""

    keys: str
    seconds: float


UNSEEN = (
    Press("4", 4.0),
    Press("g", 1.0),
    Press(f"{DOWN}{DOWN}{RIGHT}b\r", 0.5),  # from a dark beard to fair hair
    Press("Z7", 2.0),
    Press("]4MGD", 2.0),
    Press("]6", 2.0),
    Press("[[4", 2.0),
)
"""Every view once: its models are loaded when it is seen."""

SEEN = (
    Press("", 0.5),
    Press(" ", 2.6),  # from one face to another
    Press("Z", 0.6),
    Press(" ", 2.2),  # what one dimension carries
    Press("7", 0.5),
    Press(" ", 2.6),  # the training again
    Press("]", 0.1),
    Press("4M", 0.5),
    Press(LEFT * 6 + UP * 5 + LEFT * 12 + DOWN * 8 + RIGHT * 10, 0.06),  # across the map of clothes
    Press("G", 1.4),
)

SEEN_WITH_LIVE = (
    Press("]", 0.1),
    Press("6", 0.6),
    Press("w", 1.8),  # noisy points walk back to the data
    Press("1", 1.2),
    Press(UP * 4, 0.1),
    Press("", 1.0),  # a network that learns
    Press("3", 2.8),
)


def play(terminal: Terminal, answers: Answers, story: Iterable[Press]) -> tuple[float, float]:
    """Press the keys of ``story``, answer what is asked. Returns when the first byte came and when it was over."""
    first = last = 0.0
    for press in story:
        for key in single_keys(press.keys) or [""]:
            begun = terminal.press(key.encode())
            while (left := begun + press.seconds - (last := perf_counter())) > 0:
                for when, data in terminal.read_for(min(left, 0.02)):
                    first = first or when
                    if said := answers.to(data):
                        terminal.press(said)
    return first, last


def single_keys(keys: str) -> list[str]:
    """One by one: an arrow is three characters."""
    return re.findall(r"\x1b\[.|[^\x1b]", keys)


def aetrain(command: str, folder: Path) -> subprocess.Popen[bytes]:
    """Start ``aetrain fit`` in ``folder``, quietly."""
    return subprocess.Popen([PROGRAMS / "aetrain", "fit", *command.split()], cwd=folder, stderr=subprocess.DEVNULL)


def record(folder: Path, cast: Path) -> tuple[float, float]:
    """Show the runs of ``folder`` and record it as ``cast``. Returns the seconds where the scenes begin and end."""
    homes = {f"XDG_{name}_HOME": str(folder / name.lower()) for name in ("CONFIG", "STATE", "CACHE")}
    command = [str(PROGRAMS / "aetui"), "--record", str(cast), "--provider", "cpu"]
    with Terminal(command, folder, SIZE, {**homes, "COLORTERM": "truecolor"}) as terminal:
        answers = Answers()
        first, begin = play(terminal, answers, UNSEEN)
        play(terminal, answers, SEEN)
        training = aetrain(LIVE, folder)
        try:
            _, end = play(terminal, answers, SEEN_WITH_LIVE)
            terminal.press(b"q")
            terminal.read_for(2.0)
            if terminal.process.wait(10) != 0:
                sys.exit("aetui failed")
        finally:
            training.terminate()
            training.wait()
    return begin - first, end - first


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m docs.record_demo", description=__doc__.splitlines()[0])
    parser.add_argument("--runs-dir", type=Path, help="a folder of runs from before, instead of training some")
    parser.add_argument("--cast", type=Path, help="where to keep the recording")
    parser.add_argument("--gif", type=Path, default=PICTURE, help="where the picture goes (default: docs/aetui.gif)")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if asked.runs_dir is not None:
            shutil.copytree(asked.runs_dir, folder / "runs")
        else:
            for command in TRAININGS:
                if aetrain(command, folder).wait() != 0:
                    sys.exit(f"aetrain fit {command} failed")
        begin_s, end_s = record(folder, folder / "demo.cast")
        if asked.cast is not None:
            shutil.copy(folder / "demo.cast", asked.cast)
        convert(folder / "demo.cast", asked.gif, begin_s=begin_s, end_s=end_s)
    print(f"{asked.gif}: {end_s - begin_s:.1f} s, {os.path.getsize(asked.gif):,} bytes")


if __name__ == "__main__":
    main()
