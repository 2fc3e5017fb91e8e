"""The ladder on links of known rates; a frame of 26 grays has 6900 bytes."""

from __future__ import annotations

from itertools import pairwise

import pytest

from aetui.terminal.picture_quality import GRAYS, Ladder

SIZES = dict(zip(GRAYS, (6900, 3300, 1600), strict=True))


def _play(
    ladder: Ladder, begin: float, end: float, bytes_per_s: float, *, held: bool = True
) -> list[tuple[float, int]]:
    """Twenty answers a second; when the grays changed, and to what."""
    changes = []
    for i in range(int(20 * (end - begin))):
        now, before = begin + i / 20, ladder.grays
        ladder.frame(SIZES[before])
        ladder.judge(now, bytes_per_s, 0.1, held=held)
        if ladder.grays != before:
            changes.append((now, ladder.grays))
    return changes


@pytest.mark.parametrize(
    ("bytes_per_s", "grays"), [(140_000, 26), (125_000, 13), (68_000, 13), (62_000, 7), (5_000, 7)]
)
def test_there_are_as_many_grays_as_20_frames_a_second_allow(bytes_per_s: float, grays: int) -> None:
    ladder = Ladder()
    _play(ladder, 0, 60, bytes_per_s)
    assert ladder.grays == grays


def test_it_goes_down_within_a_second_and_a_half_and_up_after_three_seconds() -> None:
    ladder = Ladder()
    ((down, grays),) = _play(ladder, 0, 10, 100_000)
    assert grays == 13
    assert down < 1.5
    ((up, grays),) = _play(ladder, 10, 20, 250_000)
    assert grays == 26
    assert 3.0 <= up - 10 < 3.2


def test_two_rungs_are_taken_at_once_where_one_would_not_do() -> None:
    ladder = Ladder()
    assert [grays for _, grays in _play(ladder, 0, 10, 20_000)] == [7]


def test_between_too_few_and_enough_nothing_changes() -> None:
    ladder = Ladder()
    _play(ladder, 0, 10, 100_000)
    for bytes_per_s in range(70_000, 180_000, 10_000):
        assert _play(ladder, 10, 70, bytes_per_s) == []
        ladder = Ladder()
        _play(ladder, 0, 10, 100_000)


def test_a_slow_animation_on_a_link_that_is_not_full_keeps_its_grays() -> None:
    assert _play(Ladder(), 0, 60, 30_000, held=False) == []


def test_tries_in_vain_become_rarer() -> None:
    """A link that is not full at 13 grays, and full at 26."""
    ladder = Ladder()
    _play(ladder, 0, 3, 100_000)
    ups = []
    for i in range(20 * 300):
        now, before = 3 + i / 20, ladder.grays
        ladder.frame(SIZES[before])
        ladder.judge(now, 100_000, 0.1, held=before == 26)
        if ladder.grays > before:
            ups.append(now)
    waits = [later - earlier for earlier, later in pairwise([3.0, *ups])]
    assert 8 <= waits[0] < 9
    assert len(ups) == 5
    assert all(later > 1.7 * earlier for earlier, later in pairwise(waits))


def test_a_report_alone_is_no_picture() -> None:
    ladder = Ladder()
    ladder.frame(30)
    assert ladder.size == 0
    ladder.frame(6900)
    ladder.frame(30)
    assert ladder.size == 6900
