"""What the command palette offers: what the keys do here, by name."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from textual.app import SystemCommand
from textual.await_complete import AwaitComplete
from textual.command import CommandPalette

from aetui import keys
from aetui.screens.modal import is_open

if TYPE_CHECKING:
    from aetui.screens.page import Page
    from aetui.shell import Shell


class Palette(CommandPalette):
    """Textual's, on which keys that come all at once do no harm."""

    def dismiss(self, result: None = None) -> AwaitComplete:
        """Once, as a ``Modal``."""
        return super().dismiss(result) if is_open(self) else AwaitComplete()

    def _action_command_list(self, action: str) -> None:
        """Textual's own name. Before its first lines are laid out the list knows no place to page from."""
        with contextlib.suppress(KeyError, IndexError):
            super()._action_command_list(action)


def commands(app: Shell, page: Page) -> Iterator[SystemCommand]:
    """A command per row of the table that makes sense in a list, those of the shown view first."""
    ascii_only = not app.look.unicode
    for key in keys.palette(page.places()):
        title = f"{key.label[0].upper()}{key.label[1:]}"
        yield SystemCommand(title, f"{key.help} ({keys.shown(key, ascii_only=ascii_only)})", _runner(app, page, key))


def _runner(app: Shell, page: Page, key: keys.Key) -> Callable[[], object]:
    """Runs the key's action where the key belongs."""

    async def run() -> None:
        view = page.view()
        owner = app if key.where == keys.EVERYWHERE else view if view is not None and "/" in key.where else page
        await app.run_action(key.action, owner)

    return lambda: app.call_later(run)
