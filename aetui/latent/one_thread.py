"""Numpy's matrix products on one thread, in this process alone."""

from __future__ import annotations

from functools import cache


@cache
def keep_to_one_thread() -> None:
    """From now on; the first call looks through the loaded libraries, later ones cost nothing.

    A product here takes a millisecond at most. Where a training has the cores, waiting for a second thread made one of
    4 ms last 40 (2 cores, OpenBLAS). A variable of the environment would do the same to trainings started from here.
    """
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    threadpool_limits(limits=1, user_api="blas")
