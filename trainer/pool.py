"""Several trainers at a time, each a process of its own: started, watched through their run folders, asked to stop."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from types import FrameType
from typing import IO, Any

from trainer.runs.folder import RunFolder
from trainer.runs.status import Status, read_status
from trainer.signals import Interruption, interruptible

LOOK_EVERY_S = 0.1
"""Processes and their status are looked at so often."""


@dataclass(frozen=True, kw_only=True)
class Job:
    """A run, and what ``aetrain`` is given to train it or to go on with it."""

    run: RunFolder
    arguments: list[str]


@dataclass(frozen=True, kw_only=True)
class Ending:
    """How a job's process ended. code: its exit code, negative if a signal killed it.

    summary: the line of the run that it printed as JSON, or {}; words: what it said on stderr.
    """

    code: int
    summary: dict[str, Any]
    words: str

    @property
    def error(self) -> str | None:
        """What went wrong, in a line."""
        said = [line.removeprefix("error:").strip() for line in self.words.splitlines() if line.startswith("error:")]
        if said or self.code == 0:
            return said[-1] if said else None
        last = (self.words.strip().splitlines() or ["it said nothing"])[-1]
        return f"killed by signal {-self.code}" if self.code < 0 else f"exit code {self.code}: {last}"


class _Child:
    """A running job: its process leads a group of its own, so that Ctrl-C at the terminal reaches us alone."""

    def __init__(self, job: Job, environment: dict[str, str]) -> None:
        self.job = job
        self._out: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 (as long as the process)
        self._err: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115
        self.process = subprocess.Popen(
            [sys.executable, "-m", "trainer.cli", *job.arguments],
            stdin=subprocess.DEVNULL,
            stdout=self._out,
            stderr=self._err,
            process_group=0,
            env=os.environ | environment,
        )

    def status(self) -> Status | None:
        """What the run says, once it is this process that says it."""
        status = read_status(self.job.run)
        return status if status and status.pid == self.process.pid else None

    def ending(self) -> Ending:
        """After the process has ended."""
        out, err = (_whole(file) for file in (self._out, self._err))
        try:
            summary = json.loads(out)[-1]
        except (ValueError, IndexError, KeyError, TypeError):
            summary = {}
        return Ending(code=self.process.returncode, summary=summary if isinstance(summary, dict) else {}, words=err)

    def kill(self) -> None:
        """End the process and whatever it has started, at once."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)


class Pool:
    """Runs jobs, one in each place at a time.

    places: the environment that a job's process gets in each, beside ours. A signal to us starts no further job and
    asks every trainer to stop with a checkpoint; a second one kills them and us.
    """

    def __init__(self, places: Sequence[dict[str, str]]) -> None:
        self._places = list(places)
        self._children: dict[int, _Child] = {}
        self._asked = False
        self.interruption = Interruption()

    def run(
        self,
        jobs: Sequence[Job],
        *,
        report: Callable[[Job, Status], None],
        ended: Callable[[Job, Ending], None],
    ) -> None:
        """Run every job, in turn as places are free.

        report: gets what the run of a job says, about ten times a second while it trains; ended: how its process ended.
        """
        waiting = deque(jobs)
        with self._handling_signals():
            try:
                while (waiting and not self.interruption.signal) or self._children:
                    self._start(waiting)
                    if self.interruption.signal and not self._asked:
                        self._ask()
                    for place, child in list(self._children.items()):
                        over = child.process.poll() is not None
                        if status := child.status():
                            report(child.job, status)
                        if over:
                            del self._children[place]
                            ended(child.job, child.ending())
                    time.sleep(LOOK_EVERY_S)
            finally:
                self._stop_all()

    def _start(self, waiting: deque[Job]) -> None:
        for place, environment in enumerate(self._places):
            if waiting and place not in self._children and not self.interruption.signal:
                self._children[place] = _Child(waiting.popleft(), environment)

    def _ask(self) -> None:
        self._asked = True
        # SIGTERM whatever we got: a process may have been started with SIGINT or SIGHUP ignored.
        for child in self._children.values():
            with contextlib.suppress(ProcessLookupError):
                child.process.send_signal(signal.SIGTERM)

    def _stop_all(self) -> None:
        """Leave no trainer behind where something else went wrong than a trainer."""
        if self._children and not self._asked:
            self._ask()
        for child in self._children.values():
            child.process.wait()

    @contextlib.contextmanager
    def _handling_signals(self) -> Iterator[None]:
        with interruptible():
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                signal.signal(number, self._handle)
            yield

    def _handle(self, number: int, frame: FrameType | None) -> None:
        if self.interruption.signal is not None:
            for child in self._children.values():
                child.kill()
        self.interruption.handle(number, frame)


def places(jobs: int, devices: Sequence[str], cores: int) -> list[dict[str, str]]:
    """The environment of each of ``jobs`` processes that share a machine.

    devices: the CUDA devices as ``CUDA_VISIBLE_DEVICES`` names them, dealt out in turn; none: what is visible to us is
    to them. cores: of the CPU, in equal shares, at least one; who has set ``OMP_NUM_THREADS`` has it.
    """
    shared = {} if "OMP_NUM_THREADS" in os.environ else {"OMP_NUM_THREADS": str(max(1, cores // jobs))}
    return [
        shared | ({"CUDA_VISIBLE_DEVICES": devices[place % len(devices)]} if devices else {}) for place in range(jobs)
    ]


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _whole(file: IO[bytes]) -> str:
    with file:
        file.seek(0)
        return file.read().decode(errors="replace")
