from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from trainer.spacing import SHARE, log_spaced

totals = st.integers(1, 10**9)
costs = st.floats(0.1, 100)


def test_the_first_steps_are_close_together() -> None:
    assert log_spaced(100, per_decade=5, cost=3) == [1, 2, 3, 4, 6, 10, 16, 25, 40, 63, 100]


@given(totals, costs)
def test_the_last_step_is_looked_at_and_none_behind_it(total: int, cost: float) -> None:
    steps = log_spaced(total, per_decade=5, cost=cost)
    assert steps == sorted(set(steps))
    assert steps[-1] == total
    assert steps[0] >= 1


@given(st.integers(1000, 10**9), costs)
def test_a_longer_run_looks_at_the_same_steps_and_later_ones(total: int, cost: float) -> None:
    """Else a run that is made longer could not be compared with what it was."""
    shorter, longer = (log_spaced(n, per_decade=5, cost=cost) for n in (total, 2 * total))
    assert set(shorter) - {total} <= set(longer)


@given(st.integers(10_000, 10**9), costs)
def test_looking_takes_its_share_of_a_long_run_and_no_more(total: int, cost: float) -> None:
    steps = log_spaced(total, per_decade=5, cost=cost)
    coarse = set(log_spaced(total, per_decade=5, cost=1e12))
    finer = [b - a for a, b in pairwise(steps) if a not in coarse and b != total]
    assert all(gap * SHARE >= 0.8 * cost - SHARE for gap in finer)
