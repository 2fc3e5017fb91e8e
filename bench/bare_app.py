"""The least that Textual can show: a header and a footer. What the first frame of ``aetui`` is compared with."""

from __future__ import annotations

from textual.app import App, ComposeResult
from textual.widgets import Footer, Header


class Bare(App[None]):
    """Nothing of its own."""

    TITLE = "nothing of its own"

    def compose(self) -> ComposeResult:
        yield Header()
        yield Footer()


if __name__ == "__main__":
    Bare().run()
