"""What plays plays at its speed, and only while it is seen."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from textual.app import App, ComposeResult
from textual.pilot import Pilot
from textual.widget import Widget

from aetui.paint.look import Look
from aetui.player import PER_S, Player
from aetui.widgets.fact_line import FactLine

Until = Callable[..., Awaitable[None]]


class Counting(Widget):
    """Counts the steps."""

    def __init__(self) -> None:
        super().__init__()
        self.count = 0
        self.player = Player(self, self.step, speed=len(PER_S) - 1)

    def step(self) -> None:
        self.count += 1


class Small(App[None]):
    look = Look()

    def compose(self) -> ComposeResult:
        yield Counting()
        yield FactLine()


async def opened(pilot: Pilot[Any]) -> Counting:
    return pilot.app.query_one(Counting)


async def test_it_counts_until_it_is_paused(until: Until) -> None:
    async with Small().run_test() as pilot:
        counting = await opened(pilot)
        counting.player.toggle()
        await until(pilot, lambda: counting.count >= 3)
        counting.player.toggle()
        assert not counting.player.playing
        at = counting.count
        await pilot.pause(0.2)
        assert counting.count == at


async def test_what_is_hidden_does_not_go_on(until: Until) -> None:
    async with Small().run_test() as pilot:
        counting = await opened(pilot)
        counting.display = False
        counting.player.play()
        await pilot.pause(0.3)
        assert counting.count == 0
        counting.display = True
        await until(pilot, lambda: counting.count >= 1)


async def test_speeds_have_ends_and_hold_while_it_plays() -> None:
    async with Small().run_test() as pilot:
        player = (await opened(pilot)).player
        player.play()
        player.faster(-100)
        assert player.per_s == PER_S[0]
        assert player.playing
        player.faster(100)
        assert player.per_s == PER_S[-1]


async def test_a_line_of_facts_leaves_out_whole_parts_from_the_end() -> None:
    async with Small().run_test(size=(20, 5)) as pilot:
        line = pilot.app.query_one(FactLine)
        line.say("first part", "second", "third")
        assert str(line.render()) == "first part  second"
        line.say("a part that is longer than the line", "second")
        assert str(line.render()).startswith("a part that is l")
        assert len(str(line.render())) == line.size.width
        line.say("", "\x1b[31mred", "")
        assert str(line.render()) == "␛[31mred"
