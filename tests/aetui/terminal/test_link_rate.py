"""A pipe of known rate and round trip, and what is read off it."""

from __future__ import annotations

import pytest

from aetui.terminal.link_rate import Link

RATE, BARE_S = 10_000.0, 0.1


class _Pipe:
    """Writes to a ``Link`` and answers as a pipe of ``rate`` bytes/s and ``bare_s`` seconds would."""

    def __init__(self, rate: float = RATE, bare_s: float = BARE_S) -> None:
        self.link = Link()
        self.rate, self.bare_s = rate, bare_s
        self.free_at = 0.0
        self.answers: list[tuple[float, int]] = []

    def send(self, now: float, size: int, *, held: bool = False) -> None:
        self.other(now, size, to_link=False)
        token = len(self.answers) + 1
        self.link.sent(now, token, size, held=held)
        self.answers.append((self.free_at + self.bare_s, token))

    def other(self, now: float, size: int, *, to_link: bool = True) -> None:
        self.free_at = max(now, self.free_at) + size / self.rate
        if to_link:
            self.link.wrote(now, size)

    def answer(self, first: int, last: int) -> float:
        for at, token in self.answers[first:last]:
            assert self.link.answered(at, token) is not None
        return self.answers[last - 1][0]


def test_of_a_full_pipe_the_rate_is_exact() -> None:
    pipe = _Pipe()
    for _ in range(3):
        pipe.send(0.0, 1000)
    for i in range(20):
        now = pipe.answer(i, i + 1)
        pipe.send(now, 1000, held=True)
    assert now == pytest.approx(0.1 + 20 * 0.1)
    assert pipe.link.bytes_per_s == pytest.approx(RATE)
    assert pipe.link.frames_per_s == pytest.approx(RATE / 1000)
    assert pipe.link.is_full(now)


def test_the_smallest_round_trip_is_that_of_an_empty_pipe() -> None:
    pipe = _Pipe()
    for _ in range(3):
        pipe.send(0.0, 100)
    pipe.answer(0, 3)
    assert pipe.link.base_s == pytest.approx(BARE_S + 100 / RATE)
    assert pipe.link.last_s == pytest.approx(BARE_S + 300 / RATE)
    assert pipe.link.queue_s == pytest.approx(200 / RATE)


def test_an_idle_link_says_only_what_it_takes_at_least() -> None:
    pipe = _Pipe(rate=1e6)
    pipe.send(0.0, 50_000)
    pipe.answer(0, 1)
    high = pipe.link.bytes_per_s
    assert high == pytest.approx(50_000 / 0.15)
    for i in range(1, 40):
        pipe.send(float(i), 100)
        pipe.answer(i, i + 1)
    assert pipe.link.bytes_per_s == high
    assert not pipe.link.is_full(40.0)


def test_an_answer_much_later_than_all_that_is_known_explains_ends_what_was_known_of_the_rate() -> None:
    pipe = _Pipe(rate=1e6)
    for i in range(5):
        pipe.send(float(i), 20_000)
        pipe.answer(i, i + 1)
    assert pipe.link.bytes_per_s == pytest.approx(20_000 / 0.12)
    pipe.rate = 20_000.0
    pipe.send(6.0, 20_000)
    now = pipe.answer(5, 6)
    assert pipe.link.bytes_per_s == pytest.approx(20_000 / 1.1)
    assert pipe.link.is_full(now)


def test_three_late_answers_to_frames_alone_in_the_pipe_are_a_longer_route() -> None:
    pipe = _Pipe()
    for i in range(6):
        pipe.bare_s = 0.1 if i < 3 else 0.3
        pipe.send(float(i), 500)
        pipe.answer(i, i + 1)
        assert pipe.link.base_s == pytest.approx(0.15 if i < 5 else 0.35)


def test_a_smallest_round_trip_is_measured_anew_after_10_s() -> None:
    pipe = _Pipe()
    pipe.send(0.0, 500)
    pipe.answer(0, 1)
    assert not pipe.link.is_stale(10.0)
    assert pipe.link.is_stale(10.2)
    pipe.bare_s = 0.11
    pipe.send(10.2, 500)
    pipe.answer(1, 2)
    assert pipe.link.base_s == pytest.approx(0.16)


def test_without_a_report_bytes_drain_at_the_rate_of_the_link() -> None:
    pipe = _Pipe()
    pipe.send(0.0, 1000)
    now = pipe.answer(0, 1)
    rate = pipe.link.bytes_per_s
    assert rate == 1000 / now
    pipe.other(now, 2000)
    assert pipe.link.unanswered_bytes(now) == 2000
    assert pipe.link.unanswered_bytes(now + 1000 / rate) == pytest.approx(1000, abs=1)
    assert pipe.link.unanswered_bytes(now + 3000 / rate) == 0
    pipe.other(now + 10, 500)
    pipe.send(now + 10, 100)
    assert pipe.link.unanswered_bytes(now + 1000) == 600  # now only an answer tells


def test_many_small_looks_drain_as_much_as_one() -> None:
    pipe = _Pipe()
    pipe.other(0.0, 1000)
    for i in range(10_001):
        left = pipe.link.unanswered_bytes(i * 1e-6)
    assert left == pytest.approx(1000 - 40_000 * 0.01, abs=250)


def test_an_answer_after_a_night_counts_but_its_time_does_not() -> None:
    pipe = _Pipe()
    pipe.send(0.0, 500)
    pipe.answer(0, 1)
    known = (pipe.link.base_s, pipe.link.smooth_s, pipe.link.bytes_per_s)
    pipe.send(1.0, 500)
    assert pipe.link.answered(40_000.0, 2) is not None
    assert (pipe.link.base_s, pipe.link.smooth_s, pipe.link.bytes_per_s) == known
    assert pipe.link.unanswered_bytes(40_000.0) == 0
