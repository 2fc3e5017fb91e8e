"""Screen 3: what the networks make of test images; one run, several side by side, or codes of different widths."""

from __future__ import annotations

from typing import Any, ClassVar, TypeVar, cast

from textual.binding import BindingType
from textual.timer import Timer

from aetui import keys
from aetui.probes import probe_of
from aetui.reconstructions.answers import Answers, Noise
from aetui.reconstructions.arrangement import MOST
from aetui.reconstructions.measures import MEASURES
from aetui.reconstructions.picking import ORDERS, next_class
from aetui.reconstructions.study import LIMITS, Study, highest, kinds, stepped
from aetui.screens.page import Page
from aetui.views.code_widths import CodeWidthsView
from aetui.views.one_run import OneRunView
from aetui.views.pictures import PicturesView
from aetui.views.side_by_side import SideBySideView
from aetui.views.view import View
from export.errors import ToolError

T = TypeVar("T")

PLAY_S = 0.1
PLAY_STEP = 0.05


class ReconstructionsScreen(Page):
    """Its views share ``study``, what the user has set, and ``answers``, what the models said."""

    where = "reconstructions"
    CSS_PATH = "reconstructions.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [*keys.bindings("reconstructions")]
    views: ClassVar[dict[str, type[View]]] = {
        "run": OneRunView,
        "beside": SideBySideView,
        "widths": CodeWidthsView,
    }

    def __init__(self) -> None:
        super().__init__()
        self.study = Study()
        self.answers = Answers(self.ui_ask)
        self._timer: Timer | None = None
        self._direction = 1

    async def ui_ask(self, question: Any) -> Any:
        """``app.ask``, which there is once the screen is shown."""
        return await self.ui.ask(question)

    def on_mount(self) -> None:
        self._timer = self.set_interval(PLAY_S, self._play_on, pause=True)

    def on_screen_suspend(self) -> None:
        self._stop()

    def pictures(self) -> PicturesView:
        """The view that is shown."""
        return cast(PicturesView, self.view())

    def leave(self) -> bool:
        """Escape leaves the large image first."""
        if self.study.large:
            self.action_large()
            return True
        return False

    # Which image

    def action_move(self, by: int) -> None:
        self.pictures().step(by)

    def action_move_row(self, by: int) -> None:
        view = self.pictures()
        view.step(by * view.per_row)

    def action_page(self, by: int) -> None:
        view = self.pictures()
        view.step(by * view.per_page)

    def action_end_of(self, by: int) -> None:
        self.pictures().step(by * 1_000_000)

    def action_large(self) -> None:
        self.study.large = not self.study.large
        self.study.moved = True
        self.update()

    def action_next_class(self) -> None:
        subjects = self.pictures().subjects()
        if not subjects:
            return
        try:
            labels = probe_of(subjects[0]).labels
        except ToolError as error:
            self.ui.tell(error)
            return
        if next_class(labels, None) is None:
            self.ui.say("these images have no classes")
        self._show_class(next_class(labels, self.study.shown_class))

    def action_all_classes(self) -> None:
        self._show_class(None)

    def _show_class(self, shown: int | None) -> None:
        self.study.shown_class, self.study.moved = shown, False
        self.update()

    def action_next_order(self) -> None:
        self.study.order = _after(ORDERS, self.study.order)
        self.study.moved = False
        self.update()

    def action_zoom(self, by: int) -> None:
        self.study.images = max(1, min(MOST, (self.study.images or self.pictures().per_page) + by))
        self.update()

    # Which pictures and numbers

    def action_toggle_view(self, name: str) -> None:
        """Show a view; where it is shown already, the first one."""
        self.show_view("run" if self.shown_view == name else name)

    def action_residuals(self) -> None:
        view = self.pictures()
        view.residuals = not view.residuals
        self.update()

    def action_next_limit(self) -> None:
        self.study.limit = _after(LIMITS, self.study.limit)
        limit = self.study.limit
        self.ui.say("residuals: " + ("full colour at the largest one" if limit is None else f"full colour at {limit}"))
        self.update()

    def action_next_measure(self) -> None:
        self.study.measure = _after(MEASURES, self.study.measure)
        self.update()

    # The noise

    def noise(self) -> Noise | None:
        """What the networks see; the screen may not show it yet."""
        view = self.pictures()
        return self.study.noise(view.subjects(), self.ui.entries, points=view.shows_points())

    def action_corrupt(self) -> None:
        self.study.corrupt = self.noise() is None
        if not self.study.corrupt:
            self._stop()
        self.update()

    def action_change_level(self, by: float) -> None:
        noise = self.noise()
        self.set_level((self._trained()[1] if noise is None else noise.level) + by)

    def set_level(self, level: float) -> None:
        """Show the networks noise of this level."""
        kind, trained = self._trained()
        self.pictures().level_moves()
        self.study.corrupt = True
        self.study.level = stepped(level, 0.0, highest(self.study.kind or kind, trained))
        self.update()

    def action_next_kind(self) -> None:
        """The next kind; from clean images the first one."""
        noise = self.noise()
        if noise is not None:
            self.study.kind = _after(kinds(points=self.pictures().shows_points()), noise.kind)
        self.study.corrupt = True
        self.update()

    def action_next_draw(self) -> None:
        self.study.draw += 1
        self.update()

    def action_play(self) -> None:
        """Start or stop the level's way up and down."""
        if self.study.playing:
            self._stop()
        elif self._timer is not None and self.pictures().subjects():
            self.study.playing, self.study.corrupt = True, True
            self._timer.resume()
        self.update()

    def _stop(self) -> None:
        self.study.playing = False
        if self._timer is not None:
            self._timer.pause()

    def _play_on(self) -> None:
        kind, trained = self._trained()
        top = highest(self.study.kind or kind, trained)
        noise = self.noise()
        level = 0.0 if noise is None else noise.level
        if level >= top:
            self._direction = -1
        elif level <= 0:
            self._direction = 1
        self.set_level(round(level / PLAY_STEP) * PLAY_STEP + self._direction * PLAY_STEP)

    def _trained(self) -> tuple[str, float]:
        return self.study.trained(self.pictures().subjects(), self.ui.entries)

    # What the app asks for

    def view_state(self) -> dict[str, Any]:
        return {**super().view_state(), "study": self.study.state()}

    def restore_state(self, state: dict[str, Any]) -> None:
        study = state.get("study")
        if isinstance(study, dict):
            self.study.restore(study)
        super().restore_state(state)


def _after(choices: tuple[T, ...], now: T) -> T:
    """The choice after ``now``, round the end; the first one where it is none of them."""
    return choices[(choices.index(now) + 1) % len(choices)] if now in choices else choices[0]
