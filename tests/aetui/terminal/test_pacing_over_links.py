"""The pacer over simulated links: rates, round trips and frames in numbers that a person would notice."""

from __future__ import annotations

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


@pytest.mark.parametrize(("bytes_per_s", "most_bytes_per_s"), [(125_000, 100_000), (32_000, 25_000), (32_000, 10_000)])
def test_something_near_that_answers_is_no_harm_where_the_rate_is_given(
    bytes_per_s: int, most_bytes_per_s: int
) -> None:
    scene = Scene(bytes_per_s=bytes_per_s, round_trip_s=0.1, near=True)
    simulation = Simulation(scene, Pacer(most_bytes_per_s=most_bytes_per_s))
    trace = simulation.run()
    assert trace.key_s(0, 20) < 0.2
    sent = sum(size for at, size, _ in trace.frames if at >= 5) / 15
    assert 0.85 < sent / most_bytes_per_s < 1.05
    assert trace.grays_at(5) == (13 if most_bytes_per_s == 100_000 else 7)


def test_a_terminal_that_answers_nothing_gets_no_more_than_the_rate_that_is_given() -> None:
    simulation = Simulation(Scene(bytes_per_s=50_000, round_trip_s=0.1, lost=1.0), Pacer(most_bytes_per_s=20_000))
    trace = simulation.run()
    assert sum(size for at, size, _ in trace.frames if at >= 10) / 10 < 21_000
    assert trace.key_s(2, 20) < 0.3


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


@pytest.mark.parametrize("size", [100_000, 200_000])
def test_answers_that_are_late_behind_a_large_first_screen_find_no_queue_of_frames(size: int) -> None:
    simulation = Simulation(Scene(**{**vars(SLOWEST), "seconds": 20.0}))
    simulation.at(0.0, lambda now: simulation.repaint(now, size))
    trace = simulation.run()
    there = size / 32_000
    assert trace.key_s(there + 6, 20) < 0.5
    assert trace.views_per_s(there + 6, 20) > 10


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
