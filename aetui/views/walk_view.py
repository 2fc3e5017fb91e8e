"""``WalkView``: what the two views of the field share: a walk x ← x + a·(r(x) − x), played and stepped through."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

from aetui.field.walk import RATES, Images, Walk
from aetui.follow.entries import Entry
from aetui.latest import Latest
from aetui.player import PER_S, Player
from aetui.view_state import whole
from aetui.views.view import View
from export.errors import ExitCode, ToolError

LONGEST = 200
"""Steps of a walk, at most; fewer where the images are large: all of them are kept."""

_MOST_BYTES = 96 << 20


class WalkView(View):
    """A subclass gives ``prepare``, which asks for what it shows besides the walk, ``start`` and ``draw``."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.walk: Walk | None = None
        self.rate = 2
        self.said = ""
        self.player = Player(self, self._forward, speed=3)
        self.latest = Latest(self._ask)
        self.model_key: tuple[object, ...] | None = None
        """Which weights of which run are shown; None without a run."""

    @abstractmethod
    async def prepare(self, entry: Entry) -> None:
        """Ask the engine for what is shown besides the walk. Raises ToolError."""

    @abstractmethod
    def start(self) -> Images | None:
        """Where a walk begins: [n, C, H, W]; None: nowhere yet."""

    @abstractmethod
    def draw(self) -> None:
        """Show what is known."""

    def entries_changed(self) -> None:
        entry = self.page.entry()
        key = None if entry is None else (entry.path, entry.model, entry.version)
        if key != self.model_key:
            if key is None or self.model_key is None or key[0] != self.model_key[0]:
                self.walk = None  # newer weights of the same run go on with the walk
            self.model_key = key
            self.latest.ask()
        self.draw()

    async def on_unmount(self) -> None:
        self.player.pause()
        await self.latest.stop()

    # The engine

    async def _ask(self) -> None:
        entry = self.page.entry()
        if entry is None or entry.model is None:
            self.forget()
            self.draw()
            return
        try:
            await self.prepare(entry)
            walk = self.walk
            while walk is not None and walk is self.walk and walk.needs is not None:
                walk.answer(await self.reconstructed(entry, walk.needs))
                walk.arrive()
            self.said = ""
        except ToolError as error:
            self.ui.tell(error)
            self.forget()
            self.said = error.what
        if self.is_mounted:
            self.draw()

    async def reconstructed(self, entry: Entry, x: Images) -> Images:
        """r(x) for images [n, C, H, W]. Raises ToolError, also where the model makes others than it takes."""
        model = entry.model or entry.path
        answer = await self.ui.ask(lambda engine: engine.reconstruct(model, x))
        r = answer.arrays["reconstruction"]
        if r.shape != x.shape:
            raise ToolError(
                f"{entry.name} makes images of another shape",
                why=f"{list(r.shape[1:])} of {list(x.shape[1:])}",
                do="aetrain verify tells whether its bundle is whole",
                exit_code=ExitCode.DAMAGED,
            )
        return r

    def forget(self) -> None:
        """There is no model, or another one: nothing of before holds."""
        self.walk = None
        self.player.pause()

    # The walk

    def restart(self) -> None:
        """Back to where a walk begins."""
        start = self.start()
        self.walk = None
        if start is not None and len(start):
            longest = min(LONGEST, max(10, _MOST_BYTES // (2 * start.nbytes)))
            self.walk = Walk(start, RATES[self.rate], longest)
        self.latest.ask()

    def _forward(self) -> None:
        walk = self.walk
        if walk is None:
            self.restart()
        elif walk.forward():
            self.draw()
        elif walk.over:
            self.player.pause()
            self.draw()
        else:
            self.latest.ask()

    def walk_facts(self) -> list[str]:
        """About the walk, for a line below the picture."""
        shown = "playing" if self.player.playing else "paused"
        step = f"step {self.walk.at}" if self.walk is not None and self.walk.rs else "no step yet"
        over = (
            " (the end)" if self.walk is not None and self.walk.over and self.walk.at + 1 >= len(self.walk.rs) else ""
        )
        return [f"{step}{over}", f"a = {RATES[self.rate]:g}", f"{shown}, {self.player.per_s:g}/s"]

    # Keys

    def action_play(self) -> None:
        if self.walk is not None and self.walk.over and not self.player.playing:
            self.walk.at = 0  # played again from the start
        self.player.toggle()
        self.draw()

    def action_step(self, by: int) -> None:
        self.player.pause()
        if by > 0:
            self._forward()
        elif self.walk is not None:
            self.walk.back()
        self.draw()

    def action_restart(self) -> None:
        self.restart()
        self.draw()

    def action_speed(self, by: int) -> None:
        self.player.faster(by)
        self.draw()

    def action_rate(self, by: int) -> None:
        self.rate = max(0, min(len(RATES) - 1, self.rate + by))
        if self.walk is not None:
            self.walk.turn(RATES[self.rate])
        self.draw()

    # State

    def view_state(self) -> dict[str, Any]:
        return {"rate": self.rate, "speed": self.player.speed}

    def restore_state(self, state: dict[str, Any]) -> None:
        self.rate = whole(state.get("rate"), self.rate, 0, len(RATES) - 1)
        self.player.set_speed(whole(state.get("speed"), self.player.speed, 0, len(PER_S) - 1))
