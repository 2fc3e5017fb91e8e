"""Screen 7: scrub through the training: curves, reconstructions and the map of the codes move together."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType

from aetui import keys
from aetui.follow.entries import ACTIVE, Entry
from aetui.frames import Frames, tile
from aetui.latest import Latest
from aetui.paint.axes import number
from aetui.player import PER_S, Player
from aetui.probes import probe_of
from aetui.screens.page import Page
from aetui.timemachine.history import History
from aetui.timemachine.pictures import Moment, curves_at, table
from aetui.timemachine.timeline import FrameCache, dimensions, nearest
from aetui.view_state import whole
from aetui.widgets.fact_line import FactLine
from aetui.widgets.moment_view import MomentView
from aetui.widgets.step_chart import StepChart
from export.errors import ToolError
from trainer.runs.folder import RunFolder
from trainer.runs.probe import Probe
from trainer.runs.samples import Sample, path_of, read_sample

MOST_SAVED = 200
_CHART_FROM = 15

EMPTY = "no run yet: press 1, then n, or aetrain fit"
NO_FRAMES = "no frames yet: a run writes them to samples/ while it trains"
BUNDLE = "a bundle has no history: open the run that it was exported from (aetui RUN)"


class TimeMachineScreen(Page):
    """One frame of the training at a time."""

    where = "timemachine"
    CSS_PATH = "timemachine.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [*keys.bindings("timemachine")]

    def __init__(self) -> None:
        super().__init__()
        self.step: int | None = None
        self.follow: bool | None = None
        self.pair = (0, 1)
        self.with_components = True
        self.colour = 0
        self.term = "loss"
        self.log_y = False
        self.first = 0
        self.compare = False
        self.player = Player(self, self._play_on)
        self.history = History(FrameCache())
        self.other_history = History(FrameCache())
        self._latest = Latest(self._read)
        self._direction = 1
        self._probe: Probe | None = None
        self._moment: Moment | None = None
        self._key: tuple[object, ...] | None = None
        self._said = ""
        self._have_samples: set[Path] = set()
        self._curves_for: tuple[object, ...] | None = None
        self._kept: tuple[object, ...] = ()

    def body(self) -> ComposeResult:
        yield StepChart(id="curves")
        yield MomentView(id="below")
        yield FactLine(id="facts")

    async def on_unmount(self) -> None:
        self.player.pause()
        await self._latest.stop()

    # The run

    def entry(self) -> Entry | None:
        """The selected run; before one was chosen one that has frames."""
        if not self.ui.selection.chosen:
            for entry in self.ui.entries:
                if entry.path in self._have_samples or os.path.isdir(RunFolder(entry.path).samples):
                    self._have_samples.add(entry.path)
                    return entry
        return self.ui.selected_entry()

    def other(self) -> Entry | None:
        """The run beside it: the baseline, else a marked one."""
        if not self.compare:
            return None
        entry, baseline = self.entry(), self.ui.selection.baseline
        others = [one for one in self.ui.entries if one.path == baseline] + self.ui.marked_entries()
        return next((one for one in others if entry is not None and one.path != entry.path), None)

    def follows(self) -> bool:
        """Whether the newest frame is shown as it comes."""
        entry = self.entry()
        return self.follow if self.follow is not None else entry is not None and entry.state in ACTIVE

    def entries_changed(self) -> None:
        entry, other = self.entry(), self.other()
        key = (
            (entry.path, entry.step, entry.state) if entry is not None else None,
            (other.path, other.step) if other is not None else None,
        )
        if key != self._key:
            if self._key is None or key[0] is None or self._key[0] is None or key[0][0] != self._key[0][0]:  # type: ignore[index]
                self.step, self._moment, self.follow = None, None, None
            self._key = key
            self._latest.ask()
        self._draw()

    def on_resize(self, event: events.Resize) -> None:
        self.call_after_refresh(self._draw)

    async def _read(self) -> None:
        """Look which frames there are, read the one that is wanted, then those that may be wanted next."""
        entry, other = self.entry(), self.other()
        if entry is None:
            self._moment = None
            self._draw()
            return
        try:
            self._probe = probe_of(entry)
            await self.history.look(RunFolder(entry.path).samples, entry)
            steps = self.history.steps
            if not steps:
                self._moment = None
                self._draw()
                return
            if self.step is None or self.follows():
                self.step = steps[-1]
            at = nearest(steps, self.step)
            self.step = steps[at]
            frame = await self.history.frame(steps[at])
            beside = await self._read_other(other, steps[at]) if other is not None else None
            self._said = ""
        except ToolError as error:
            self.ui.tell(error)
            self._said, self._moment = error.what, None
            self._draw()
            return
        if self.step == steps[at]:
            self._moment = Moment(
                entry=entry, step=steps[at], frame=frame, other=beside, attribute_names=self.history.attribute_names
            )
            self._draw()
        await self.history.read_ahead(at, self._direction, lambda: self._latest.asked_again)

    async def _read_other(self, other: Entry, step: int) -> tuple[Entry, int, Sample] | None:
        await self.other_history.look(RunFolder(other.path).samples, other)
        steps = self.other_history.steps
        if not steps:
            return None
        found = steps[nearest(steps, step)]
        return other, found, await self.other_history.frame(found)

    # Drawing

    def _draw(self) -> None:
        if not self.is_mounted or not self.query("#facts"):
            return
        entry, moment, probe = self.entry(), self._moment, self._probe
        ready = entry is not None and moment is not None and probe is not None
        chart, below = self.query_one("#curves", StepChart), self.query_one(MomentView)
        below.display = ready
        chart.display = entry is not None and bool(entry.series) and self.size.height >= _CHART_FROM
        if entry is not None and chart.display:
            chart.styles.height = max(6, (self.size.height - 4) // 3) if ready else "1fr"
            self._draw_curves(entry, chart)
        if entry is None or moment is None or probe is None:
            self.query_one(FactLine).say(self._nothing(entry))
            return
        below.first = self.first
        components = self.history.components if self._uses_components() else None
        below.show(moment, probe, self.history.last, self.pair, components, self.colour)
        self.first = below.first
        self.query_one(FactLine).say(*self._facts(moment))

    def _draw_curves(self, entry: Entry, chart: StepChart) -> None:
        term, other, steps = self.shown_term(entry), self.other(), self.history.steps
        chart.log_y = self.log_y
        chart.title = term
        key = (id(entry.series), id(other.series) if other is not None else 0, term, tuple(steps), entry.path)
        if key != self._curves_for:
            self._curves_for, self._kept = key, (entry, other)  # kept: an id is of something that lives
            chart.set_panels([curves_at(entry, other, term, steps)])
        chart.cursor = None if self.step is None else float(self.step)

    def shown_term(self, entry: Entry) -> str:
        """The term that was asked for, where the run has it; else its first one."""
        terms = entry.terms()
        return self.term if self.term in terms or not terms else terms[0]

    def _uses_components(self) -> bool:
        """Wide codes are stored as their components: there are no others to choose."""
        last = self.history.last
        return self.with_components and last is not None and last.units is None and last.latent.shape[1] > 1

    def _nothing(self, entry: Entry | None) -> str:
        if entry is None:
            return EMPTY
        if self._said:
            return self._said
        if entry.state == "bundle":
            return BUNDLE
        return NO_FRAMES if self.history.folder is not None and not self.history.steps else "reading frames"

    def _facts(self, moment: Moment) -> list[str]:
        steps, entry = self.history.steps, moment.entry
        at = nearest(steps, moment.step) if steps else 0
        per_epoch = entry.step / entry.epoch if entry.step and entry.epoch else None
        facts = [f"frame {at + 1}/{len(steps)}", f"step {moment.step}"]
        if moment.other is not None:
            facts.append(f"beside {moment.other[0].name} at step {moment.other[1]}")
        elif self.compare:
            facts.append("nothing to compare: press 1 and mark a run, or pin a baseline")
        if per_epoch:
            facts.append(f"epoch {number(moment.step / per_epoch, 3)}")
        facts.append("following" if self.follows() else f"{'playing' if self.player.playing else 'paused'}")
        facts.append(f"{self.player.per_s:g}/s")
        colouring = moment.colouring(self.colour).title
        facts.append(f"by {colouring}" if colouring else "")
        return facts

    # Keys

    def _go(self, index: int) -> None:
        """To the frame at an index, or the nearest there is; never waits for a file."""
        steps = self.history.steps
        if not steps:
            return
        at = max(0, min(len(steps) - 1, index))
        before = nearest(steps, self.step if self.step is not None else steps[-1])
        self._direction = 1 if at >= before else -1
        self.step, self.follow = steps[at], False
        held, entry = self.history.held(steps[at]), self.entry()
        if held is not None and entry is not None and self._moment is not None:
            self._moment = replace(self._moment, entry=entry, step=steps[at], frame=held)
        self._latest.ask()
        self._draw()

    def _at(self) -> int:
        steps = self.history.steps
        return nearest(steps, self.step) if steps and self.step is not None else 0

    def _play_on(self) -> None:
        if self._moment is None or self._moment.step != self.step:
            return  # the frame is still being read
        if self._at() + 1 >= len(self.history.steps):
            self.player.pause()
            self._draw()
        else:
            self._go(self._at() + 1)

    def action_scrub(self, by: int) -> None:
        self.player.pause()
        self._go(self._at() + by)

    def action_end_of(self, which: int) -> None:
        self.player.pause()
        self._go(0 if which < 0 else len(self.history.steps) - 1)

    def action_play(self) -> None:
        if not self.player.playing and self._at() + 1 >= len(self.history.steps):
            self._go(0)
        self.follow = False
        self.player.toggle()
        self._draw()

    def action_speed(self, by: int) -> None:
        self.player.faster(by)
        self._draw()

    def action_follow(self) -> None:
        self.follow = not self.follows()
        self.player.pause()
        self._latest.ask()
        self._draw()

    def action_dimension(self, which: int, by: int) -> None:
        last = self.history.last
        count = dimensions(last, components=self._uses_components()) if last is not None else 0
        if count > 1:
            pair = [min(one, count - 1) for one in self.pair]
            pair[which] = (pair[which] + by) % count
            if pair[0] == pair[1]:
                pair[which] = (pair[which] + by) % count
            self.pair = (pair[0], pair[1])
            self._draw()

    def action_colour(self) -> None:
        self.colour += 1
        self._draw()

    def action_components(self) -> None:
        self.with_components = not self.with_components
        self._draw()

    def action_term(self, by: int) -> None:
        entry = self.entry()
        terms = entry.terms() if entry is not None else []
        if entry is not None and terms:
            self.term = terms[(terms.index(self.shown_term(entry)) + by) % len(terms)]
            self._draw()

    def action_log_y(self) -> None:
        self.log_y = not self.log_y
        self._draw()

    def action_page(self, by: int) -> None:
        view = self.query_one(MomentView)
        self.first = max(0, min(view.first, self.first) + by * view.places.images)
        self._draw()

    def action_compare(self) -> None:
        self.compare = not self.compare
        self.update()
        self._latest.ask()

    def on_chart_cursor_moved(self, message: StepChart.CursorMoved) -> None:
        if message.x is not None and self.history.steps:
            self.player.pause()
            self._go(nearest(self.history.steps, message.x))

    # What the app asks for

    def view_state(self) -> dict[str, Any]:
        return {
            "pair": list(self.pair),
            "components": self.with_components,
            "term": self.term,
            "log_y": self.log_y,
            "speed": self.player.speed,
            "compare": self.compare,
            "colour": self.colour,
        }

    def restore_state(self, state: dict[str, Any]) -> None:
        pair = state.get("pair")
        if isinstance(pair, list) and len(pair) == 2:
            self.pair = (whole(pair[0], 0, 0, 4095), whole(pair[1], 1, 0, 4095))
        self.with_components = state.get("components") is not False
        self.term = state["term"] if isinstance(state.get("term"), str) else "loss"
        self.log_y = state.get("log_y") is True
        self.compare = state.get("compare") is True
        self.colour = whole(state.get("colour"), 0, 0, 63)
        self.player.set_speed(whole(state.get("speed"), self.player.speed, 0, len(PER_S) - 1))

    def frames(self) -> Frames | None:
        """The reconstructions that are shown, over all steps."""
        folder, moment = self.history.folder, self._moment
        if folder is None or moment is None or not len(moment.frame.reconstruction):
            return None
        chosen = self.history.steps[:: -(-len(self.history.steps) // MOST_SAVED)]
        which = slice(self.first, self.first + max(self.query_one(MomentView).places.images, 1))
        sheets = []
        for step in chosen:
            held = self.history.held(step)
            try:
                images = (held or read_sample(path_of(folder, step))).reconstruction[which]
            except ToolError:
                continue
            if images.dtype != np.uint8 or images.shape[1] not in (1, 3) or not len(images):
                return None
            pixels = np.asarray(images / np.float32(255), np.float32)
            sheets.append(tile(pixels, max(1, round(len(images) ** 0.5)))[0])
        same = [sheet for sheet in sheets if sheet.shape == sheets[0].shape]
        return Frames(images=np.stack(same), per_s=self.player.per_s, title="training") if same else None

    def copied(self) -> str:
        """The terms at every frame, as a table."""
        entry = self.entry()
        if entry is None or not self.history.steps:
            return super().copied()
        return table(entry, self.history.steps)
