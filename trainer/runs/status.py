"""What a run is doing now: ``status.json``, replaced as a whole by its trainer."""

from __future__ import annotations

import dataclasses
import json
import os
import socket
import time
from dataclasses import dataclass
from pathlib import Path

from export import atomic
from trainer.runs.folder import SCHEMA, RunFolder

STATES = ("running", "paused", "finished", "stopped", "failed", "stale")
"""As shown; ``stale`` is never written: a trainer that died said ``running`` last."""

_NUMBER = (int, float)
_KINDS: dict[str, tuple[type, ...]] = {
    **dict.fromkeys(("host", "boot_id", "state", "device"), (str,)),
    **dict.fromkeys(("pid", "step", "steps_total"), (int,)),
    **dict.fromkeys(("epoch", "started", "heartbeat"), _NUMBER),
    **dict.fromkeys(("images_per_s", "steps_per_s", "loss"), (*_NUMBER, type(None))),
    **dict.fromkeys(("error", "note"), (str, type(None))),
}
"""What each value must be; a folder from elsewhere may say anything."""

SILENCE_S = 60.0
"""A trainer on another machine that has not written for so long is taken for dead."""

HANG_S = 900.0
"""The same for a process of this machine that is alive (a cold compile is silent for minutes), in seconds."""


@dataclass(frozen=True, kw_only=True)
class Status:
    """``status.json``. Times are Unix seconds; ``images_per_s`` counts training images of the last second or so."""

    schema: int = SCHEMA
    pid: int
    host: str
    boot_id: str
    state: str
    step: int
    steps_total: int
    epoch: float
    images_per_s: float | None
    steps_per_s: float | None = None
    device: str
    started: float
    heartbeat: float
    loss: float | None = None
    error: str | None = None
    note: str | None = None
    """Why a run is in its state, where that needs saying: it stopped early."""

    def shown_state(self, now: float | None = None) -> str:
        """``state``, or ``stale`` where its trainer is gone without having said so."""
        if self.state not in ("running", "paused"):
            return self.state if self.state in STATES else "failed"
        silence_s = (time.time() if now is None else now) - self.heartbeat
        if self.host == socket.gethostname():
            if self.boot_id != boot_id() or not _alive(self.pid) or silence_s > HANG_S:
                return "stale"
        elif silence_s > SILENCE_S:
            return "stale"
        return self.state

    def eta_s(self) -> float | None:
        """Seconds to the last step at the present speed, or None where it is not known."""
        if self.state != "running" or not self.steps_per_s:
            return None
        return (self.steps_total - self.step) / self.steps_per_s


def read_status(run: RunFolder) -> Status | None:
    """The run's status, or None where it is missing or damaged (a reader looks again later)."""
    try:
        value = json.loads(run.status.read_text(encoding="utf-8"))
        names = {field.name for field in dataclasses.fields(Status)}
        status = Status(**{key: item for key, item in value.items() if key in names})
    except (OSError, ValueError, TypeError, AttributeError):
        return None
    return status if all(isinstance(getattr(status, name), kinds) for name, kinds in _KINDS.items()) else None


def write_status(run: RunFolder, status: Status, *, durable: bool = False) -> None:
    """Replace ``status.json``. Raises OSError."""
    atomic.write_json(run.status, dataclasses.asdict(status), durable=durable)


def boot_id() -> str:
    """Names this start of this machine: a process number means nothing after the next."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return ""


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return not _zombie(pid)


def _zombie(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except (OSError, IndexError):
        return False
