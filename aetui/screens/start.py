"""The form for a new run: it runs ``aetrain fit … --detach`` and shows what that says."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar, cast

from rich.text import Text
from textual import events, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Button, Checkbox, Input, Label, Static

from aetui import keys
from aetui.runs.commands import run_aetrain
from aetui.runs.form import NAME, WHOLE, Draft, arguments, command_line, problems, unfolded
from aetui.runs.form_fields import MORE, SHARED, group
from aetui.screens.modal import Modal
from aetui.terminal.outside_text import plain
from aetui.widgets.choice import Choice
from aetui.widgets.option_row import OptionRow, spelled
from trainer.variants import VARIANTS

if TYPE_CHECKING:
    from aetui.app import AetuiApp

NAME_HINT = "Name of the run's folder; without it variant, data and time. Several variants: each adds its own."
TICK_HINT = "Space ticks; every ticked variant is a run of its own, one after the other."
_LOW = 16
"""On a screen with fewer rows the hint gives way."""

STARTING = "starting: the first step takes some seconds"


class Tick(Checkbox):
    """A check box whose mark is there or not: Textual's own differ in colour alone."""

    def render(self) -> Content:
        style = self.get_visual_style("toggle--label")
        return Content.assemble("[x]" if self.value else "[ ]", self.label.pad(1, 1).stylize_before(style))


class Options(VerticalScroll, can_focus=False, inherit_bindings=False):
    """Scrolls with the focus: the arrow keys, which would scroll it, go from line to line."""


class StartScreen(Modal[str | None]):
    """Asks for the options; dismissed with the name of the run that has begun, or None."""

    where = "dialog"
    CSS_PATH = "start.tcss"
    AUTO_FOCUS = "#data"
    BINDINGS: ClassVar[list[BindingType]] = [*keys.bindings(where)]

    def __init__(self, draft: Draft) -> None:
        super().__init__()
        self.draft = draft
        self._busy = False
        self._more = unfolded(draft)

    @property
    def _ui(self) -> AetuiApp:
        return cast("AetuiApp", self.app)

    def compose(self) -> ComposeResult:
        with Vertical(id="form") as form:
            form.border_title = "new run"
            form.border_subtitle = "^s starts, arrows go on, esc closes"
            with Horizontal(id="ticks"):
                for name in VARIANTS:
                    yield Tick(name, value=name in self.draft.variants, id=f"variant-{name}", compact=True)
            with Options(id="options"):
                with Horizontal(id="name-row"):
                    yield Label("name")
                    yield Input(self.draft.name, placeholder=NAME_HINT, id="name", compact=True)
                yield Static("", id="name-wrong", classes="wrong", markup=False)
                yield from self._rows(SHARED)
                for name in VARIANTS:
                    with Vertical(id=f"own-{name}", classes="own"):
                        if name in self.draft.variants:
                            yield from self._section(name)
                yield Button("", id="unfold", compact=True)
                with Vertical(id="more"):
                    if self._more:
                        yield from self._rows(MORE)
            yield Static("", id="hint", markup=False)
            yield Static("", id="command", markup=False)
            with VerticalScroll(id="said-box", can_focus=False):
                yield Static("", id="said", markup=False)
            with Horizontal(id="buttons"):
                yield Button("start (^s)", variant="primary", id="start", compact=True)
                yield Button("copy (^y)", id="copy", compact=True)
                yield Button("cancel (esc)", id="cancel", compact=True)

    def _rows(self, name: str) -> Iterator[OptionRow]:
        for field in group(name):
            yield OptionRow(field, self.draft.value(field), unicode=self._ui.look.unicode)

    def _section(self, name: str) -> Iterator[Label | OptionRow]:
        fields = group(name)
        if fields:
            yield Label(f"{name}:", classes="heading")
        yield from self._rows(name)

    def on_mount(self) -> None:
        self._changed()

    # What the form says

    def _changed(self) -> None:
        """Read the form, show what is wrong with it and what its command line is."""
        rows = list(self.query(OptionRow))
        values = {**self.draft.values, **{row.field.key: row.value for row in rows}}
        ticked = tuple(name for name in VARIANTS if self.query_one(f"#variant-{name}", Tick).value)
        self.draft = replace(
            self.draft, variants=ticked, values=values, name=self.query_one("#name", Input).value.strip()
        )
        found = problems(self.draft)
        for row in rows:
            row.say(found.pop(row.field.key, ""))
        below = self.query_one("#name-wrong", Static)
        name_wrong = found.pop(NAME, "")
        below.update(Text(plain(name_wrong)))
        below.display = bool(name_wrong)
        wrong = found.pop(WHOLE, "")
        for key, text in found.items():  # of fields that are folded away
            wrong = wrong or f"{key}: {text}"
        if not self._busy:
            self._say(wrong)
        self.query_one("#command", Static).update(Text(plain(command_line(self.draft))))
        self.query_one("#unfold", Button).label = "[-] fewer options (^o)" if self._more else "[+] more options (^o)"

    def on_resize(self, event: events.Resize) -> None:
        self.call_after_refresh(self._fit)

    def _fit(self) -> None:
        """What is below the options stays on the screen; they scroll."""
        low = self.size.height < _LOW
        self.query_one("#hint").display = not low
        below = [self.query_one(name) for name in ("#hint", "#command", "#said-box", "#buttons")]
        rows = sum(widget.outer_size.height for widget in below if widget.display)
        self.query_one("#options").styles.max_height = max(3, self.size.height - 3 - rows)

    def on_input_changed(self, event: Input.Changed) -> None:
        self._changed()

    def on_choice_changed(self) -> None:
        self._changed()

    @work(exclusive=True, group="sections")
    async def _show_sections(self) -> None:
        """The options of the variants that are ticked, and the others where they are unfolded."""
        for name in VARIANTS:
            section, ticked = self.query_one(f"#own-{name}"), self.query_one(f"#variant-{name}", Tick).value
            if ticked and not section.children:
                await section.mount(*self._section(name))
            section.display = ticked
        more = self.query_one("#more")
        if self._more and not more.children:
            await more.mount(*self._rows(MORE))
        more.display = self._more
        self._changed()

    def on_checkbox_changed(self) -> None:
        self._show_sections()

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        self._show_hint()

    def _show_hint(self) -> None:
        """The docstring of the option that has the focus, whole."""
        focused, hint = self.focused, ""
        row = next((row for row in self.query(OptionRow) if row.holds(focused)), None)
        if row is not None:
            default = f" Default: {row.field.default}." if row.field.default else ""
            hint = f"{row.field.flag}: {spelled(row.field.hint, unicode=self._ui.look.unicode)}{default}"
        elif focused is not None and focused.id == "name":
            hint = NAME_HINT
        elif isinstance(focused, Tick):
            hint = TICK_HINT
        self.query_one("#hint", Static).update(Text(hint))

    # Keys

    def action_step(self, by: int) -> None:
        self.focus_next() if by > 0 else self.focus_previous()

    def action_choose(self, by: int) -> None:
        if isinstance(self.focused, Choice):
            self.focused.step(by)
        elif isinstance(self.focused, Tick | Button):
            self.action_step(by)

    def action_more(self) -> None:
        self._more = not self._more
        self._show_sections()

    def action_copy(self) -> None:
        self._ui.copy(command_line(self.draft))

    def action_cancel(self) -> None:
        self.dismiss(None)

    def on_input_submitted(self) -> None:
        self.action_start()

    def on_button_pressed(self, event: Button.Pressed) -> None:
        actions = {"start": self.action_start, "copy": self.action_copy, "unfold": self.action_more}
        actions.get(event.button.id or "", self.action_cancel)()

    def action_start(self) -> None:
        if self._busy:
            return
        self._changed()
        found = problems(self.draft)
        if not found:
            self._start([*arguments(self.draft), "--detach"])
            return
        wrong = next((row for row in self.query(OptionRow) if row.field.key in found), None)
        target = f"#{wrong.field.identifier}" if wrong is not None else "#name" if NAME in found else ""
        if target:
            self.query_one(target).focus()

    @work(exclusive=True, exit_on_error=False)
    async def _start(self, words: list[str]) -> None:
        """Start the training as a process of its own; an error is shown as it was said."""
        self._busy = True
        self._say(STARTING)
        try:
            code, out, err = await run_aetrain(words)
        except OSError as error:
            code, out, err = 1, "", f"error: {error}"
        self._busy = False
        if code == 0:
            self.dismiss(out.splitlines()[0] if out else "")
        else:
            self._say(err or f"aetrain left with {code} and said nothing")

    def _say(self, text: str) -> None:
        """Show ``text`` whole: it scrolls where it is long."""
        self.query_one("#said", Static).update(Text("\n".join(plain(line) for line in text.strip().splitlines())))
        self.query_one("#said-box").display = bool(text.strip())
        self.call_after_refresh(self._fit)
