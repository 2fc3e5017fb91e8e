"""At which steps to look at a network: evenly on a logarithmic axis, and no more often than the cost allows."""

from __future__ import annotations

import math

SHARE = 0.005
"""Of the time of a long run, that one kind of looking may take; the first 1,000 steps or so take some tens of steps'
time more."""

FINER = (1, 2, 4)


def log_spaced(steps_total: int, *, per_decade: int, cost: float, first: int = 1) -> list[int]:
    """Steps from ``first`` to ``steps_total``, ascending, the last one always among them.

    per_decade: how many there are between 1 and 10 times a step; twice and four times as many where they are so far
    apart that looking takes less than ``SHARE`` of the steps between. cost: of one look, in training steps.
    """
    due = {steps_total}
    for finer in FINER:
        density = per_decade * finer
        ratio = 10 ** (1 / density)
        for k in range(math.ceil(density * math.log10(max(1, steps_total / first))) + 1):
            step = first * ratio**k
            if finer == 1 or SHARE * step * (ratio - 1) >= cost:
                due.add(round(step))
    return sorted(step for step in due if step <= steps_total)
