"""What screen 1 does to runs: ask their trainers, go on with them, start, delete and bring back."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from pathlib import Path

from textual import work

from aetui.follow.entries import Entry
from aetui.runs.commands import COMMANDS, PATIENCE_S, RESUMABLE, SOON_S, answered, run_aetrain, said_error
from aetui.runs.form import Draft, draft_of
from aetui.runs.trash import OVER, Trashed, move_to_trash, restore, size_bytes, size_text, trashed
from aetui.screens.confirm import ConfirmScreen
from aetui.screens.learning_rate import LearningRateScreen
from aetui.screens.page import Page
from aetui.screens.start import StartScreen
from export.errors import ToolError
from trainer.runs.control import ask
from trainer.runs.folder import RunFolder


class RunControl(Page):
    """The actions of the keys that change something. They are about the marked runs where several are marked (after a
    question that lists them), else (or where the key can do nothing for those) about the one under the cursor."""

    def __init__(self) -> None:
        super().__init__()
        self.awaited: Path | None = None
        """A run that was started or brought back here: the cursor goes to it as soon as it is seen."""

    async def _picked(
        self, states: Sequence[str], what: str, *, always_ask: bool = False, note: str = ""
    ) -> list[Entry]:
        """The runs that a key is about, of those in ``states``; [] where there is none, or the user says no.

        what: for the question: ``stop``. always_ask: for one run, too.
        """
        entry, marked = self.entry(), self.ui.marked_entries()
        asked = marked if len(marked) > 1 else [entry] if entry is not None else []
        able = [one for one in asked if one.state in states]
        if not able and entry is not None and entry.state in states:
            asked = able = [entry]  # the marks are on others, for their curves
        if not asked:
            self.ui.say(f"nothing to {what}", "there is no run here: n starts one", "warning")
            return []
        if not able:
            names = f"{len(asked)} marked runs" if len(asked) > 1 else asked[0].name
            said = "none is" if len(asked) > 1 else f"it is {asked[0].state}, not"
            self.ui.say(f"nothing to {what}", f"{names}: {said} {_any_of(states)}", "warning")
            return []
        if len(asked) == 1 and not always_ask:
            return able
        sizes = await asyncio.to_thread(lambda: [size_bytes(one.path) for one in able]) if always_ask else None
        lines = [
            f"{one.name}   {one.state}" + (f", {size_text(sizes[i])}" if sizes else "") for i, one in enumerate(able)
        ]
        left_out = len(asked) - len(able)
        note = "\n".join(filter(None, [note, f"{left_out} more marked, but not {_any_of(states)}" * bool(left_out)]))
        alone = entry if len(asked) > 1 and entry is not None and entry.state in states else None
        question = ConfirmScreen(
            f"{what} {len(able)} runs?" if len(able) > 1 else f"{what} this run?",
            lines,
            one=alone.name if alone else "",
            note=note,
            unicode=self.ui.look.unicode,
        )
        reply = await self.app.push_screen_wait(question)
        return able if reply == "all" else [alone] if reply == "one" and alone else []

    # Asking the trainers

    def action_pause(self) -> None:
        entry = self.entry()
        if entry is not None:
            self._command("unpause" if entry.state == "paused" else "pause")

    def action_stop(self) -> None:
        self._command("stop")

    def action_checkpoint(self) -> None:
        self._command("checkpoint")

    @work(exit_on_error=False)
    async def _command(self, verb: str) -> None:
        picked = await self._picked(COMMANDS[verb].states, verb if verb != "checkpoint" else "write a checkpoint of")
        await asyncio.gather(*(self._give(entry, verb) for entry in picked))

    @work(exit_on_error=False)
    async def action_learning_rate(self) -> None:
        picked = await self._picked(COMMANDS["learning-rate"].states, "change the learning rate of")
        if not picked:
            return
        rates = {entry.learning_rate for entry in picked}
        now = next(iter(rates)) if len(rates) == 1 else None
        names = [entry.name for entry in picked]
        rate = await self.app.push_screen_wait(LearningRateScreen(names, now, unicode=self.ui.look.unicode))
        if rate is not None:
            await asyncio.gather(*(self._give(entry, "learning-rate", rate) for entry in picked))

    async def _give(self, entry: Entry, verb: str, value: float | None = None) -> None:
        """Ask one trainer, and tell what came of it."""
        command, rate = COMMANDS[verb], "" if value is None else f" {value:g}"
        try:
            request = ask(RunFolder(entry.path), verb, value)
        except OSError as error:
            self.ui.tell(error)
            return
        done = await answered(request, SOON_S)
        if not done:
            self.ui.say(entry.name, f"{command.asked}{rate}; its trainer has not answered yet")
            done = await answered(request, PATIENCE_S)
        if done:
            self.ui.say(entry.name, f"{command.done}{rate}")
        else:
            text = "no answer: its trainer is in one long step, or hangs\nthe request stays until it reads it"
            self.ui.say(f"{entry.name} {command.asked}", text, "warning")

    # Going on and starting

    @work(exit_on_error=False)
    async def action_resume(self) -> None:
        picked = await self._picked(RESUMABLE, "go on with")
        await asyncio.gather(*(self._resume(entry) for entry in picked))

    async def _resume(self, entry: Entry) -> None:
        """``aetrain resume``, in a session of its own: it trains on whatever becomes of this UI."""
        self.ui.say(entry.name, "goes on from its newest checkpoint: that takes some seconds")
        try:
            code, _, err = await run_aetrain(["resume", str(entry.path.absolute()), "--detach"])
        except OSError as error:
            self.ui.tell(error)
            return
        if code:
            self.ui.tell(said_error(code, err))
        else:
            self.ui.say(entry.name, "trains again")

    def action_new_run(self) -> None:
        self._start(Draft(runs_dir=self.ui.sources.runs_dir))

    def action_new_run_like(self) -> None:
        """The form, filled in with the options of the run under the cursor."""
        entry = self.entry()
        if entry is None:
            return
        try:
            config = RunFolder(entry.path).read_config()
        except ToolError as error:
            self.ui.tell(error)
            return
        self._start(draft_of(config, self.ui.sources.runs_dir))

    def _start(self, draft: Draft) -> None:
        self.app.push_screen(StartScreen(draft), self._started)

    def _started(self, name: str | None) -> None:
        if name:
            self.ui.say("started", name)
            self.awaited = self.ui.sources.runs_dir / name

    # Deleting

    @work(exit_on_error=False)
    async def action_delete(self) -> None:
        picked = await self._picked(OVER, "delete", always_ask=True, note="moved to the trash folder; U brings it back")
        stamp, done = time.strftime("%Y%m%d-%H%M%S"), []
        for entry in picked:
            try:
                done.append(await asyncio.to_thread(move_to_trash, RunFolder(entry.path), stamp))
            except (ToolError, OSError) as error:
                self.ui.tell(error)
        if done:
            self.ui.say(f"deleted {_names(done)}", f"U brings {'it' if len(done) == 1 else 'them'} back")

    @work(exit_on_error=False)
    async def action_undo(self) -> None:
        """Bring back what was deleted last: one run, or those that went together."""
        sources = self.ui.sources
        paths = [*sources.runs, *(entry.path for entry in self.ui.entries)]
        folders = dict.fromkeys([*sources.folders, *(path.parent for path in paths)])
        found = [one for folder in folders for one in await asyncio.to_thread(trashed, Path(folder))]
        if not found:
            self.ui.say("nothing to take back", "the trash is empty", "warning")
            return
        last, done = max(one.time for one in found), []
        for one in found:
            if one.time == last:
                try:
                    self.awaited = (await asyncio.to_thread(restore, one)).path
                    done.append(one)
                except ToolError as error:
                    self.ui.tell(error)
        if done:
            self.ui.say("back again", _names(done))


def _any_of(states: Sequence[str]) -> str:
    """``finished, stopped or failed``."""
    return " or ".join(filter(None, [", ".join(states[:-1]), states[-1]]))


def _names(runs: Sequence[Trashed]) -> str:
    return runs[0].name if len(runs) == 1 else f"{len(runs)} runs"
