from __future__ import annotations

import pytest

from aetui.latent.playback import SPEEDS, WAY_S, Playback


def test_a_way_takes_its_time_however_often_one_looks() -> None:
    started = Playback().toggled(100.0)
    assert started.position(100.0 + WAY_S / 2) == pytest.approx(0.5)
    assert [started.position(100 + i * WAY_S / 4) for i in range(5)] == pytest.approx([0, 0.25, 0.5, 0.75, 1])


def test_at_the_end_it_turns_round_or_starts_again() -> None:
    bouncing = Playback().toggled(0.0)
    assert bouncing.position(1.25 * WAY_S) == pytest.approx(0.75)
    assert bouncing.position(2.25 * WAY_S) == pytest.approx(0.25)
    looping = Playback(ends="loop").toggled(0.0)
    assert looping.position(1.25 * WAY_S) == pytest.approx(0.25)


def test_pausing_keeps_the_place_and_the_direction() -> None:
    paused = Playback().toggled(0.0).toggled(1.5 * WAY_S)
    assert not paused.playing
    assert paused.position(1e9) == pytest.approx(0.5)
    assert paused.toggled(10.0).position(10.0 + WAY_S / 4) == pytest.approx(0.25)


def test_another_speed_holds_from_there_on() -> None:
    faster = Playback().toggled(0.0).faster(1, WAY_S / 2)
    assert faster.times == 2
    assert faster.position(WAY_S / 2) == pytest.approx(0.5)
    assert faster.position(0.75 * WAY_S) == pytest.approx(1)
    assert Playback().faster(99, 0.0).times == SPEEDS[-1]
    assert Playback().faster(-99, 0.0).times == SPEEDS[0]


def test_scrubbing_pauses_within_the_way() -> None:
    assert Playback().toggled(0.0).moved_to(0.3) == Playback(phase=0.3)
    assert Playback().moved_to(-1).position(0.0) == 0
    assert Playback().moved_to(7).position(0.0) == 1


def test_changing_the_ends_does_not_jump() -> None:
    back = Playback().toggled(0.0).other_ends(1.4 * WAY_S)
    assert back.ends == "loop"
    assert back.position(1.4 * WAY_S) == pytest.approx(0.6)
    assert back.other_ends(1.4 * WAY_S).ends == "bounce"


def test_a_loop_that_is_played_from_its_end_starts_again() -> None:
    assert Playback(ends="loop").moved_to(1).toggled(0.0).position(0.0) == 0


def test_a_clock_that_goes_back_does_no_harm() -> None:
    assert Playback(phase=0.5).toggled(10.0).position(5.0) == pytest.approx(0.5)
