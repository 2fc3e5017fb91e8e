"""The form for a new run: it runs ``aetrain fit … --detach`` and shows what that says."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import ClassVar, get_args, get_type_hints

from rich.text import Text
from textual import work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.screen import ModalScreen
from textual.suggester import SuggestFromList
from textual.widgets import Button, Checkbox, Input, Label, Select, Static

from aetui import keys
from aetui.terminal.outside_text import plain
from aetui.widgets.dialog import Dialog
from trainer.config import FitConfig
from trainer.variants import VARIANTS

DATA = ("digits", "faces", "moons", "circles", "swiss-roll", "fashion-mnist", "mnist")
"""What is offered while typing; a path does as well."""

FIELDS = (
    ("data", "data", "digits", "a data set's name, a folder of images, an .npy or .npz"),
    ("epochs", "epochs", "", "passes over the images; empty: enough for a short run"),
    ("latent-dim", "latent dim", "", "width of the code; empty: what suits the network"),
    ("name", "name", "", "of the run's folder; empty: variant, data and time"),
)


class Tick(Checkbox):
    """A check box whose mark is there or not: Textual's own differ in colour alone."""

    def render(self) -> Content:
        style = self.get_visual_style("toggle--label")
        return Content.assemble("[x]" if self.value else "[ ]", self.label.pad(1, 1).stylize_before(style))


class StartScreen(ModalScreen[str | None]):
    """Asks for the options that matter; dismissed with the name of the run that has begun, or None."""

    CSS_PATH = "start.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [*keys.bindings("dialog")]

    def __init__(self, runs_dir: Path) -> None:
        super().__init__()
        self._runs_dir = runs_dir
        self._busy = False

    def compose(self) -> ComposeResult:
        with Dialog() as dialog:
            dialog.border_title = "new run"
            dialog.border_subtitle = "Enter starts, Tab goes on, esc closes"
            yield Label("variants, one run each:")
            for name in VARIANTS:
                yield Tick(name, value=name == "variational", id=f"variant-{name}", compact=True)
            with Horizontal(classes="field"):
                yield Label("network")
                yield Select(
                    [(name, name) for name in architectures()], value="mlp", id="arch", allow_blank=False, compact=True
                )
            for flag, label, value, hint in FIELDS:
                with Horizontal(classes="field"):
                    yield Label(label)
                    suggester = SuggestFromList(DATA) if flag == "data" else None
                    yield Input(value, placeholder=hint, id=flag, suggester=suggester, compact=True)
            with Horizontal(id="buttons"):
                yield Button("start (^s)", variant="primary", id="start", compact=True)
                yield Button("cancel (esc)", id="cancel", compact=True)
            yield Static("", id="said", markup=False)

    def on_input_submitted(self) -> None:
        self.action_start()

    def on_button_pressed(self, event: Button.Pressed) -> None:
        self.action_start() if event.button.id == "start" else self.action_cancel()

    def action_cancel(self) -> None:
        self.dismiss(None)

    def action_start(self) -> None:
        if not self._busy:
            self._start(self.arguments())

    def arguments(self) -> list[str]:
        """The command line of what the form says, after ``aetrain``."""
        variants = [name for name in VARIANTS if self.query_one(f"#variant-{name}", Checkbox).value]
        arguments = ["fit", *variants, "--arch", str(self.query_one("#arch", Select).value)]
        for flag, *_ in FIELDS:
            value = self.query_one(f"#{flag}", Input).value.strip()
            if value:
                arguments += [f"--{flag}={value}"]
        return [*arguments, f"--runs-dir={self._runs_dir}", "--detach"]

    @work(exclusive=True, exit_on_error=False)
    async def _start(self, arguments: list[str]) -> None:
        """Start the training as a process of its own; an error is shown as it was said."""
        if not any(self.query_one(f"#variant-{name}", Checkbox).value for name in VARIANTS):
            self._say("tick at least one variant (Space)")
            return
        self._busy = True
        self._say("starting: the first step takes some seconds")
        try:
            code, out, err = await run_aetrain(arguments)
        except OSError as error:
            code, out, err = 1, "", f"error: {error}"
        self._busy = False
        if code == 0:
            self.dismiss(out.splitlines()[0] if out else "the run")
        else:
            self._say(err or f"aetrain left with {code} and said nothing")

    def _say(self, text: str) -> None:
        shown = "\n".join(plain(line) for line in text.strip().splitlines()[-6:])
        self.query_one("#said", Static).update(Text(shown))


def architectures() -> tuple[str, ...]:
    """The networks that ``aetrain fit --arch`` knows."""
    return get_args(get_type_hints(FitConfig)["arch"])


async def run_aetrain(arguments: list[str]) -> tuple[int, str, str]:
    """Run ``aetrain`` and wait for it. Returns (exit code, stdout, stderr). Raises OSError."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "trainer.cli",
        *arguments,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        start_new_session=True,
    )
    out, err = await process.communicate()
    return process.returncode or 0, out.decode(errors="replace"), err.decode(errors="replace")
