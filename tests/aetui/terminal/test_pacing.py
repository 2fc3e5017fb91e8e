"""The pacer by itself: what is sent, answered, lost and slept through."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aetui.terminal.pacing import Pacer

from .simulated_link import Scene, Simulation


def _play(pacer: Pacer, now: float, until: float, *, round_trip_s: float, token: int = 1) -> tuple[float, int]:
    """Frames of 6900 bytes as often as they may be sent, answered after ``round_trip_s``; then all are answered."""
    answers: list[tuple[float, int]] = []
    while now < until:
        wait_s = pacer.wait_s(now)
        if wait_s == 0.0:
            pacer.sent(now, token, 6900)
            answers.append((now + round_trip_s, token))
            token += 1
            continue
        next_s = now + wait_s
        if answers and answers[0][0] <= next_s:
            now, answered = answers.pop(0)
            assert pacer.answered(now, answered)
        else:
            now = next_s
    for at, answered in answers:
        now = max(now, at)
        assert pacer.answered(now, answered)
    return now, token


def test_a_laptop_that_slept_for_hours_goes_on_as_before() -> None:
    pacer = Pacer()
    now, token = _play(pacer, 0.0, 5.0, round_trip_s=0.01)
    pacer.sent(now, token, 6900)
    now += 4 * 3600
    assert pacer.wait_s(now) == 0.0
    pacer.sent(now, token + 1, 6900)
    assert pacer.answered(now + 0.01, token + 1)
    assert pacer.meter(now + 0.01).answers
    assert pacer.meter(now + 0.01).round_trip_s == pytest.approx(0.01, rel=0.2)
    before = now
    _, last = _play(pacer, now + 0.02, before + 2.0, round_trip_s=0.01, token=token + 2)
    assert last - token - 2 > 0.95 * 60 * 1.98


def test_a_report_that_nobody_asked_for_is_none_of_ours() -> None:
    pacer = Pacer()
    assert not pacer.answered(0.0, 1)
    pacer.sent(0.0, 1, 500)
    assert not pacer.answered(0.1, 2)
    assert pacer.unanswered == 1
    assert pacer.answered(0.1, 1)
    assert not pacer.answered(0.1, 1)


def test_an_answer_stands_for_all_before_it() -> None:
    pacer = Pacer()
    for token in (1, 2, 3):
        pacer.sent(0.1 * token, token, 500)
    assert pacer.answered(0.5, 2)
    assert pacer.unanswered == 1
    assert not pacer.answered(0.5, 1)
    assert pacer.answered(0.6, 3)


def test_a_late_answer_to_what_was_given_up_is_still_ours() -> None:
    pacer = Pacer()
    now, token = _play(pacer, 0.0, 1.0, round_trip_s=0.01)
    while pacer.wait_s(now) > 0:
        now += pacer.wait_s(now)
    pacer.sent(now, token, 500)
    pacer.sent(now, token + 1, 500)
    given_up = now + 2.5
    assert pacer.wait_s(given_up) == 0.0
    assert not pacer.meter(given_up).answers
    assert pacer.unanswered == 0
    assert pacer.answered(given_up + 0.1, token)
    assert pacer.meter(given_up + 0.1).answers


def test_answers_are_awaited_only_where_some_may_come() -> None:
    pacer = Pacer()
    assert not pacer.awaits(0.0)
    pacer.sent(0.0, 1, 500)
    assert pacer.awaits(0.5)
    pacer.answered(0.6, 1)
    assert not pacer.awaits(0.6)
    silent = Pacer()
    silent.sent(0.0, 1, 500)
    silent.wait_s(1.5)
    assert not silent.awaits(1.5)


@pytest.mark.parametrize("round_trip_s", [0.001, 0.2, 1.0])
def test_answers_of_a_terminal_that_has_stopped_answering_are_not_awaited_for_long(round_trip_s: float) -> None:
    pacer = Pacer()
    now, token = _play(pacer, 0.0, 4.0, round_trip_s=round_trip_s)
    while pacer.wait_s(now) > 0:
        now += pacer.wait_s(now)
    pacer.sent(now, token, 500)
    assert pacer.awaits(now + 1.9 * round_trip_s)
    assert pacer.awaits(now + 0.9)
    assert not pacer.awaits(now + 1.2 + 2 * round_trip_s)


def test_pictures_at_rest_get_all_grays_once_and_what_is_known_of_the_link_stays() -> None:
    simulation = Simulation(Scene(bytes_per_s=32_000, round_trip_s=0.2, moves=lambda t: t < 15))
    trace = simulation.run()
    pacer = simulation.pacer
    assert trace.grays_at(20) == pacer.grays == 7
    budget = pacer.budget
    pacer.rested(20.5)
    assert pacer.grays == 26
    assert pacer.budget == budget
    pacer.sent(20.5, 1, 6900)
    assert pacer.grays == 7
    assert pacer.answered(20.5 + 0.2 + 6900 / 32_000, 1)
    assert pacer.grays == 7
    assert pacer.budget == budget


def test_the_meter_counts_the_last_second() -> None:
    pacer = Pacer()
    assert pacer.meter(0.0).round_trip_s is None
    assert not pacer.meter(0.0).answers
    for i in range(10):
        pacer.sent(0.25 * i, i + 1, 1000)
        pacer.answered(0.25 * i + 0.1, i + 1)
    pacer.wrote(2.3, 500)
    meter = pacer.meter(2.4)
    assert meter.frames_per_s == 4  # at 1.5, 1.75, 2.0 and 2.25
    assert meter.bytes_per_s == 4 * 1000 + 500
    assert meter.round_trip_s == pytest.approx(0.1)
    assert meter.grays == 26
    assert meter.answers
    assert pacer.meter(60.0).frames_per_s == 0


def test_frames_are_never_closer_than_asked_for() -> None:
    pacer = Pacer(most_per_s=10.0)
    _, token = _play(pacer, 0.0, 10.0, round_trip_s=0.001)
    assert 98 <= token - 1 <= 102


_STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("time"), st.one_of(st.floats(0, 0.05), st.floats(0, 10), st.sampled_from([3600.0, 1e6]))),
        st.tuples(st.just("frame"), st.integers(1, 70_000)),
        st.tuples(st.just("other"), st.integers(1, 200_000)),
        st.tuples(st.just("answer"), st.integers(0, 5)),
        st.tuples(st.just("stranger"), st.integers(-5, 0)),
        st.tuples(st.just("rest"), st.just(0)),
    ),
    max_size=60,
)


@given(steps=_STEPS)
@settings(max_examples=300)
def test_whatever_happens_frames_go_on_within_5_s_and_few_are_unanswered(steps: list[tuple[str, float]]) -> None:
    pacer = Pacer()
    now, token, longest = 0.0, 0, 0.0
    open_tokens: list[tuple[int, float]] = []

    def send(size: int) -> None:
        nonlocal token
        most = max(2, math.ceil(60 * longest) + 1)
        if pacer.asks(now):
            token += 1
            open_tokens.append((token, now))
            pacer.sent(now, token, size)
        else:
            pacer.sent(now, 0, size)
        assert pacer.unanswered <= pacer.most_unanswered <= most

    for what, amount in steps:
        if what == "time":
            now += amount
        elif what == "frame" and pacer.wait_s(now) == 0.0:
            send(int(amount))
        elif what == "other":
            pacer.wrote(now, int(amount))
        elif what == "answer" and open_tokens:
            index = min(len(open_tokens) - 1, int(amount))
            answered, sent_at = open_tokens[index]
            longest = max(longest, now - sent_at)
            pacer.answered(now, answered)
            del open_tokens[: index + 1]
        elif what == "stranger":
            assert not pacer.answered(now, int(amount))
        elif what == "rest":
            pacer.rested(now)
        assert 0.0 <= pacer.wait_s(now) < 5.0
        assert pacer.grays in (26, 13, 7)
        assert pacer.budget is None or pacer.budget >= 1
        assert pacer.meter(now).bytes_per_s >= 0

    for _ in range(3):  # nothing is answered any more
        begin = now
        while (wait_s := pacer.wait_s(now)) > 0:
            now += wait_s
            assert now - begin < 5.0
        send(1000)
