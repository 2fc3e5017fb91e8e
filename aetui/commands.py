"""What can be asked of a run's trainer from here, and what ``aetrain`` says when it is run for the user."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from aetui.entries import ACTIVE, Entry
from export.errors import ExitCode, ToolError
from trainer.runs.control import ask
from trainer.runs.folder import RunFolder

PATIENCE_S = 10.0
"""So long a trainer may take for a step before it is said that it has not answered."""

_LOOK_S = 0.1


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
            Command("learning-rate", ACTIVE, "asked for another learning rate", "has another learning rate"),
        )
    }
)
RESUMABLE = ("stopped", "failed", "stale")
"""States of runs that ``aetrain resume`` can go on with."""


async def give(entry: Entry, verb: str, value: float | None = None, patience_s: float = PATIENCE_S) -> bool:
    """Ask the run's trainer, and wait until it has taken the request away. Returns False where it has not in time.

    Raises OSError where the request cannot be left in the folder.
    """
    request = ask(RunFolder(entry.path), verb, value)
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
