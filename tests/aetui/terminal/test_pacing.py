"""The pacer over simulated links: rates, round trips and frames in numbers that a person would notice."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aetui.terminal.pacing import FIXED_PER_S, Pacer

from .simulated_link import FRAME_BYTES, Scene, Simulation, Trace

LOCAL = Scene(bytes_per_s=50e6, round_trip_s=0.0002)
BROADBAND = Scene(bytes_per_s=1.25e6, round_trip_s=0.05)
SLOW = Scene(bytes_per_s=125_000, round_trip_s=0.1)
SLOWEST = Scene(bytes_per_s=32_000, round_trip_s=0.2)

SEEDS = (0, 1, 2)


def _run(scene: Scene, **changes: object) -> Trace:
    return Simulation(Scene(**{**vars(scene), **changes})).run()


# What the link takes


@pytest.mark.parametrize("views", [8, 24])
def test_on_this_machine_nothing_is_ever_held_back(views: int) -> None:
    trace = _run(LOCAL, views=views)
    assert trace.frames_per_s(0, 20) > 59
    assert trace.grays == [(0.0, 26)]
    assert trace.frames[10][1] == trace.frames[-1][1] == views * (FRAME_BYTES[26] // 8)


def test_a_pause_of_50_ms_on_this_machine_costs_its_own_frames_alone() -> None:
    simulation = Simulation(Scene(**{**vars(LOCAL), "hiccup_every_s": 1.0}))
    trace = simulation.run()
    assert trace.grays == [(0.0, 26)]
    assert simulation.pacer.budget is None
    for second in range(1, 19):  # asleep from 0 to 50 ms
        assert trace.frames_per_s(second + 0.07, second + 0.97) > 59


@pytest.mark.parametrize("jitter_s", [0.0, 0.02])
def test_10_mbit_show_60_frames_in_full_quality(jitter_s: float) -> None:
    trace = _run(BROADBAND, jitter_s=jitter_s)
    assert trace.frames_per_s(2, 20) > 55
    assert trace.grays == [(0.0, 26)]
    assert trace.key_s(0, 20) < 0.1


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("wanted_per_s", [30.0, 60.0])
def test_1_mbit_shows_smooth_pictures_and_a_key_waits_for_200_ms_at_most(wanted_per_s: float, seed: int) -> None:
    trace = _run(SLOW, wanted_per_s=wanted_per_s, seed=seed, seconds=60.0, keys_per_s=10.0)
    assert trace.views_per_s(5, 60) > 28
    assert trace.key_s(5, 60) < 0.2
    assert trace.key_s(0, 5) < 0.3
    assert trace.grays_at(5) == 13


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("wanted_per_s", [30.0, 60.0])
def test_256_kbit_are_used_to_nine_tenths_and_a_key_waits_for_400_ms_at_most(wanted_per_s: float, seed: int) -> None:
    trace = _run(SLOWEST, wanted_per_s=wanted_per_s, seed=seed, seconds=60.0, keys_per_s=5.0)
    assert trace.grays_at(10) == 7
    possible = (32_000 - 5 * 200) / FRAME_BYTES[7]
    assert 0.9 * possible < trace.views_per_s(10, 60) <= possible
    assert trace.key_s(10, 60) < 0.4
    assert trace.key_s(0, 10) < 0.5


def test_of_too_many_views_each_frame_has_some_so_that_keys_still_get_through() -> None:
    trace = _run(SLOWEST, views=24, seconds=60.0)
    assert max(size for at, size, _ in trace.frames if at > 10) <= 32_000 / 12
    assert trace.views_per_s(10, 60, views=24) > 0.85 * 32_000 / (3 * FRAME_BYTES[7])
    assert trace.key_s(10, 60) < 0.5


def test_a_slow_animation_that_the_link_carries_keeps_its_quality() -> None:
    trace = _run(SLOW, wanted_per_s=10.0, seconds=60.0)
    assert trace.grays == [(0.0, 26)]
    assert trace.views_per_s(2, 60) > 9.5


# What disturbs


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("scene", [SLOW, SLOWEST])
def test_jitter_is_no_queue(scene: Scene, seed: int) -> None:
    calm, shaken = (_run(scene, jitter_s=jitter_s, seed=seed, seconds=60.0) for jitter_s in (0.0, 0.03))
    assert shaken.views_per_s(10, 60) > 0.9 * calm.views_per_s(10, 60)
    assert shaken.key_s(10, 60) < calm.key_s(10, 60) + 0.1


@pytest.mark.parametrize("scene", [LOCAL, BROADBAND, SLOW, SLOWEST])
def test_a_lost_answer_is_made_up_for_by_the_next(scene: Scene) -> None:
    whole, lossy = (_run(scene, lost=lost, seconds=40.0) for lost in (0.0, 0.02))
    assert lossy.views_per_s(10, 40) > 0.85 * whole.views_per_s(10, 40)
    assert lossy.key_s(10, 40) < whole.key_s(10, 40) + 0.05


def test_repaints_of_20_kb_delay_keys_by_what_they_take_themselves() -> None:
    trace = _run(SLOW, repaint_every_s=1.7, seconds=60.0, keys_per_s=10.0)
    assert trace.views_per_s(5, 60) > 28
    assert trace.key_s(5, 60, part=0.85) < 0.2
    assert trace.key_s(5, 60, part=1.0) < 0.1 + 0.16 + 0.1


def test_a_link_that_drops_to_a_tenth_and_recovers_is_followed_both_ways() -> None:
    trace = _run(SLOW, bytes_per_s=lambda t: 12_500 if 20 <= t < 40 else 125_000, seconds=80.0, keys_per_s=10.0)
    assert trace.key_s(20, 23, part=1.0) < 0.1 + 1.6  # what was under way takes that long
    assert trace.key_s(23, 40) < 0.4
    assert trace.grays_at(22) == trace.grays_at(39) == 7
    assert trace.views_per_s(23, 40) > 0.8 * (12_500 - 10 * 200) / FRAME_BYTES[7]
    assert trace.grays_at(50) == 13
    assert trace.frames_per_s(50, 80) > 35
    assert trace.key_s(50, 80) < 0.2


def test_a_longer_route_is_not_taken_for_a_queue_for_ever() -> None:
    trace = _run(SLOW, round_trip_s=lambda t: 0.05 if t < 20 else 0.2, seconds=60.0)
    assert trace.frames_per_s(30, 60) > 0.95 * trace.frames_per_s(10, 20)
    assert trace.key_s(30, 60) < 0.3


def test_something_near_that_answers_for_the_terminal_is_taken_at_its_word() -> None:
    trace = _run(SLOW, near=True, seconds=5.0)
    assert trace.frames_per_s(0, 5) > 59
    assert trace.grays == [(0.0, 26)]


def test_the_quality_does_not_flicker() -> None:
    for scene in (SLOW, SLOWEST):
        for wanted_per_s in (30.0, 60.0):
            trace = _run(scene, wanted_per_s=wanted_per_s, seconds=240.0)
            assert len(trace.grays) <= 10
            assert sum(since > 120 for since, _ in trace.grays) <= 2
    assert len(_run(SLOWEST, wanted_per_s=60.0, seconds=240.0).grays) == 3


def test_a_link_that_is_good_enough_for_more_gets_it_within_half_a_minute() -> None:
    trace = _run(SLOW, bytes_per_s=lambda t: 125_000 if t < 10 else 1.25e6, seconds=40.0, wanted_per_s=30.0)
    assert trace.grays_at(9) == 13
    assert trace.grays_at(40) == 26
    assert len(trace.grays) <= 5


# Terminals that do not answer


def test_a_terminal_that_never_answers_gets_a_fixed_rate_after_a_second() -> None:
    trace = _run(LOCAL, lost=1.0)
    assert len([at for at, _, _ in trace.frames if at < 1.0]) == 1
    assert trace.frames_per_s(1.1, 20) == pytest.approx(FIXED_PER_S, rel=0.1)


def test_a_terminal_that_begins_to_answer_is_noticed() -> None:
    trace = _run(LOCAL, lost=lambda t: 1.0 if t < 10 else 0.0)
    assert trace.frames_per_s(5, 10) == pytest.approx(FIXED_PER_S, rel=0.1)
    assert trace.frames_per_s(13, 20) > 59


def test_a_terminal_that_stops_answering_gets_single_frames_until_it_answers_again() -> None:
    trace = _run(SLOW, lost=lambda t: 1.0 if 5 <= t < 20 else 0.0, seconds=30.0)
    assert 0.2 < trace.frames_per_s(8, 20) < 0.6
    assert trace.frames_per_s(25, 30) > 30


@pytest.mark.parametrize("scene", [SLOW, SLOWEST])
def test_a_repaint_of_40_kb_in_the_pipe_is_not_taken_for_a_dead_terminal(scene: Scene) -> None:
    """Neither before the first answer nor later."""
    for begin in (0.0, 5.0):
        pacer = Pacer()
        simulation = Simulation(Scene(**{**vars(scene), "seconds": begin + 5}), pacer)
        simulation.at(begin, lambda now, simulation=simulation: simulation.repaint(now, 40_000))
        answering: list[bool] = []

        def look(now: float, pacer: Pacer = pacer, answering: list[bool] = answering) -> None:
            answering.append(pacer.meter(now).answers)

        for after in range(50):
            simulation.at(begin + after * 0.1, look)
        trace = simulation.run()
        transmission_s = 40_000 / simulation.rate_at(0)
        first = 0 if begin else next(i for i, answers in enumerate(answering) if answers)
        assert first * 0.1 < transmission_s + 1.0
        assert all(answering[first:])
        assert len([at for at, _, _ in trace.frames if begin <= at < begin + transmission_s]) < 20


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


# The parts


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
    assert pacer.awaits(given_up)
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


def test_pictures_at_rest_get_all_grays_once_and_what_is_known_of_the_link_stays() -> None:
    simulation = Simulation(Scene(**{**vars(SLOWEST), "moves": lambda t: t < 15}))
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


@given(
    bytes_per_s=st.floats(16_000, 5e7),
    round_trip_s=st.floats(0.0002, 0.4),
    wanted_per_s=st.sampled_from([10.0, 30.0, 60.0]),
    views=st.sampled_from([1, 8, 24]),
    jitter=st.sampled_from([0.0, 0.1, 0.25]),
    seed=st.integers(0, 3),
)
@settings(max_examples=40)
def test_on_any_link_a_key_waits_little_longer_than_it_must(
    bytes_per_s: float, round_trip_s: float, wanted_per_s: float, views: int, jitter: float, seed: int
) -> None:
    scene = Scene(
        bytes_per_s=bytes_per_s,
        round_trip_s=round_trip_s,
        wanted_per_s=wanted_per_s,
        views=views,
        jitter_s=min(0.05, jitter * round_trip_s),
        seed=seed,
        seconds=40.0,
        keys_per_s=2.0,
    )
    trace = Simulation(scene).run()
    assert trace.key_s(15, 40) < 1.25 * round_trip_s + 0.5
    used = sum(size for at, size, _ in trace.frames if at >= 15) / 25
    assert used > 0.4 * bytes_per_s or trace.views_per_s(15, 40, views) > 0.5 * wanted_per_s
