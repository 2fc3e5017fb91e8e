"""Contenders side by side: each in a process of its own, round after round, never two at once."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from bench.contenders import Contender
from bench.machine import AETRAIN, ROOT, cores, environment, talk


class Worker:
    """One contender's process; ready when it is made. Raises RuntimeError where it could not start."""

    def __init__(self, work: str, name: str, threads: int) -> None:
        self._errors = tempfile.TemporaryFile("w+", encoding="utf-8")  # noqa: SIM115 (closed by close)
        policy = AETRAIN if name.startswith("aetui") else {}  # the others get what their users get
        self._process = subprocess.Popen(
            [sys.executable, "-m", "bench.worker", work, name, str(threads)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._errors, text=True,
            cwd=ROOT, env=environment(threads, **policy),
        )  # fmt: skip
        self.parameters: int = self._answer()["parameters"]

    def ask(self, seconds: float) -> None:
        """Begin a round."""
        assert self._process.stdin
        print(seconds, file=self._process.stdin, flush=True)

    def images_per_s(self) -> float:
        """Wait for the end of the round."""
        answer = self._answer()
        return float(answer["images"] / answer["seconds"])

    def close(self) -> None:
        assert self._process.stdin
        self._process.stdin.close()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._errors.close()

    def _answer(self) -> dict[str, Any]:
        assert self._process.stdout
        line = self._process.stdout.readline()
        if line:
            answer: dict[str, Any] = json.loads(line)
            return answer
        self._process.wait()
        self._errors.seek(0)
        raise RuntimeError(self._errors.read()[-2000:] or f"exit {self._process.returncode}")


@dataclass
class Rates:
    """How fast one contender was, round by round; ``absent`` says why there is nothing."""

    what: str
    version: str | None
    absent: str | None = None
    parameters: int | None = None
    rounds: list[float] = field(default_factory=list)

    @property
    def median(self) -> float | None:
        return statistics.median(self.rounds) if self.rounds else None

    def json(self) -> dict[str, Any]:
        rounds = [round(rate) for rate in self.rounds]
        return {**vars(self), "rounds": rounds, "images_per_s": self.median and round(self.median)}


def interleave(
    work: str, contenders: dict[str, Contender], threads: int, rounds: int, seconds: float
) -> dict[str, Rates]:
    """Every contender for so many rounds of so many seconds, in turn, so that whatever disturbs hits all alike."""
    table = {name: Rates(contender.what, contender.version) for name, contender in contenders.items()}
    for name, contender in contenders.items():
        if contender.missing:
            table[name].absent = f"{contender.needs} is not installed: pip install -e '.[bench]'"
    there = {name: contender for name, contender in contenders.items() if not table[name].absent}
    talk(f"{work}, {threads} thread{'s' * (threads > 1)}: start {', '.join(there)}")
    with ThreadPoolExecutor(cores()) as pool:  # nothing is measured yet
        starting = {name: pool.submit(Worker, work, name, threads) for name in there}
    workers: dict[str, Worker] = {}
    try:
        for name, start in starting.items():
            try:
                workers[name] = start.result()
                table[name].parameters = workers[name].parameters
            except RuntimeError as error:
                if not contenders[name].needs:
                    raise
                table[name].absent = f"does not run here: {str(error).strip().splitlines()[-1]}"
        for number in range(rounds):
            talk(f"{work}, {threads} thread{'s' * (threads > 1)}: round {number + 1} of {rounds}")
            for name, worker in workers.items():
                worker.ask(seconds)
                table[name].rounds.append(worker.images_per_s())
    finally:
        for worker in workers.values():
            worker.close()
    return table


def together(work: str, name: str, count: int, rounds: int, seconds: float) -> list[float]:
    """Images/s of ``count`` processes with one thread each, all at once, summed; a value per round."""
    with ThreadPoolExecutor(count) as pool:
        workers = list(pool.map(lambda _: Worker(work, name, 1), range(count)))
    sums = []
    try:
        for _ in range(rounds):
            for worker in workers:
                worker.ask(seconds)
            sums.append(sum(worker.images_per_s() for worker in workers))
    finally:
        for worker in workers:
            worker.close()
    return sums


def ratio(table: dict[str, Rates], name: str, other: str) -> float | None:
    """How many times as fast ``name`` is as ``other``: the median of the rounds' ratios; None where one is absent."""
    pairs = [(a, b) for a, b in zip(table[name].rounds, table[other].rounds, strict=False)]
    return statistics.median(a / b for a, b in pairs) if pairs else None
