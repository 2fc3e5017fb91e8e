from __future__ import annotations

import itertools

from trainer.cores import WINDOW_S, Cores


class Clocks:
    """Time that passes as told: seconds, and those of all threads together."""

    def __init__(self) -> None:
        self.now = self.used = 100.0

    def pass_by(self, seconds: float, *, share: float, threads: int) -> None:
        self.now += seconds
        self.used += seconds * share * threads

    def cores(self, threads: int) -> Cores:
        return Cores(threads, clock=lambda: self.now, cpu=lambda: self.used)


def looks(clocks: Clocks, cores: Cores, share: float, threads: int = 2, count: int = 40) -> list[str]:
    found = []
    for _ in itertools.repeat(None, count):
        clocks.pass_by(0.5, share=share, threads=threads)
        if text := cores.look():
            found.append(text)
    return found


def test_threads_that_get_their_cores_are_left_in_peace() -> None:
    clocks = Clocks()
    assert looks(clocks, clocks.cores(2), 0.95) == []


def test_others_on_the_cores_are_told_once_with_what_helps() -> None:
    clocks = Clocks()
    (text,) = looks(clocks, clocks.cores(2), 0.55)
    assert "55%" in text
    assert "--threads 1" in text


def test_one_thread_has_nobody_to_wait_for() -> None:
    clocks = Clocks()
    assert looks(clocks, clocks.cores(1), 0.2, threads=1) == []


def test_a_pause_is_no_sign_of_others() -> None:
    clocks = Clocks()
    cores = clocks.cores(2)
    clocks.pass_by(3 * WINDOW_S, share=0.0, threads=2)
    cores.restart()
    assert looks(clocks, cores, 0.9) == []
