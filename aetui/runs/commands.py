"""What can be asked of a run's trainer from here, and what ``aetrain`` says when it is run for the user."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from aetui.follow.entries import ACTIVE
from export.errors import ExitCode, ToolError

SOON_S, PATIENCE_S = 0.7, 10.0
"""A trainer answers between two steps: what takes longer than the first is told of; after the second it hangs."""

_LOOK_S = 0.05


@dataclass(frozen=True)
class Command:
    """verb: as in ``trainer.runs.control.VERBS``. states: of runs that it can be asked of. asked, done: as messages."""

    verb: str
    states: tuple[str, ...]
    asked: str
    done: str


COMMANDS: Mapping[str, Command] = MappingProxyType(
    {
        command.verb: command
        for command in (
            Command("stop", ACTIVE, "asked to stop", "stops, with a checkpoint"),
            Command("pause", ("running",), "asked to pause", "pauses, with a checkpoint"),
            Command("unpause", ("paused",), "asked to go on", "goes on"),
            Command("checkpoint", ACTIVE, "asked for a checkpoint", "has written a checkpoint"),
            Command("learning-rate", ACTIVE, "asked to learn at", "learns at most at"),
        )
    }
)
RESUMABLE = ("stopped", "failed", "stale")
"""States of runs that ``aetrain resume`` can go on with."""


async def answered(request: Path, patience_s: float) -> bool:
    """Wait until the trainer has taken ``request`` away. Returns False where it has not in ``patience_s`` seconds."""
    deadline = time.monotonic() + patience_s
    while request.exists():
        if time.monotonic() >= deadline:
            return False
        await asyncio.sleep(_LOOK_S)
    return True


async def run_aetrain(arguments: Sequence[str]) -> tuple[int, str, str]:
    """Run ``aetrain`` and wait for it. Returns (exit code, stdout, stderr). Raises OSError."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "trainer.cli",
        *arguments,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        start_new_session=True,
    )
    out, err = await process.communicate()
    return process.returncode or 0, out.decode(errors="replace"), err.decode(errors="replace")


def said_error(code: int, err: str) -> ToolError:
    """What ``aetrain`` said on stderr when it left with ``code``."""
    lines = err.splitlines()
    said = {
        label: next((line.removeprefix(label).strip() for line in lines if line.startswith(label)), "")
        for label in ("error:", "why:", "do:")
    }
    return ToolError(
        said["error:"] or f"aetrain left with {code}",
        why=said["why:"] or (lines[-1] if lines else "it said nothing"),
        do=said["do:"] or "run the same command in a shell",
        exit_code=ExitCode(code) if code in tuple(ExitCode) and code else ExitCode.FAILED,
    )
