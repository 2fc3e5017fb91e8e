"""A job that is asked for too often."""

from __future__ import annotations

import asyncio

from aetui.latest import Latest


async def test_many_questions_while_the_job_runs_are_one_more_run() -> None:
    runs = 0
    gate = asyncio.Event()

    async def job() -> None:
        nonlocal runs
        runs += 1
        await gate.wait()

    latest = Latest(job)
    latest.ask()
    await asyncio.sleep(0)
    for _ in range(10):
        latest.ask()
    gate.set()
    for _ in range(10):
        await asyncio.sleep(0)
    assert runs == 2


async def test_a_job_that_waits_can_be_stopped() -> None:
    latest = Latest(asyncio.Event().wait)  # type: ignore[arg-type]
    latest.ask()
    await asyncio.sleep(0)
    await latest.stop()
