"""Asking a trainer for something through its run folder: it looks several times a second."""

from __future__ import annotations

import contextlib
import json
import os
import time
from dataclasses import dataclass
from pathlib import Path

from export import atomic
from trainer.runs.folder import RunFolder

VERBS = ("stop", "pause", "unpause", "checkpoint", "learning-rate")


@dataclass(frozen=True)
class Request:
    """One file of ``control/``; the trainer removes it when it is done."""

    verb: str
    value: float | None
    path: Path

    def done(self) -> None:
        with contextlib.suppress(OSError):
            self.path.unlink()


def ask(run: RunFolder, verb: str, value: float | None = None) -> Path:
    """Leave a request for the run's trainer. Returns its file, which vanishes when it is done. Raises OSError."""
    if verb not in VERBS:
        raise ValueError(f"{verb!r} is none of {VERBS}")
    run.control.mkdir(exist_ok=True)
    path = run.control / f"{time.time_ns():020d}-{verb}.json"
    atomic.write_json(path, {"verb": verb, "value": value}, durable=False)
    return path


def requests(run: RunFolder) -> list[Request]:
    """What has been asked and is not done yet, oldest first; an unreadable request is removed."""
    found = []
    try:  # not Path.glob, which takes ten times as long, ten times a second
        names = sorted(name for name in os.listdir(run.control) if name[:1].isdecimal() and name.endswith(".json"))
    except OSError:
        return []
    for path in (run.control / name for name in names):
        try:
            value = json.loads(path.read_text(encoding="utf-8"))
            if value["verb"] not in VERBS:
                raise ValueError(value["verb"])
            found.append(Request(value["verb"], value.get("value"), path))
        except FileNotFoundError:
            continue
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            with contextlib.suppress(OSError):
                path.unlink()
    return found
