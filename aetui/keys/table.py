"""The whole table, and what is made of it: bindings, palette, footer."""

from __future__ import annotations

from collections.abc import Sequence

from textual.binding import Binding

from aetui.keys import curves, dialogs, everywhere, field, latent, reconstructions, runs, timemachine, units
from aetui.keys.key import EVERYWHERE, Key
from aetui.keys.names import name_of

TABLE: tuple[Key, ...] = (
    *everywhere.KEYS,
    *runs.KEYS,
    *curves.KEYS,
    *reconstructions.KEYS,
    *latent.KEYS,
    *units.KEYS,
    *field.KEYS,
    *timemachine.KEYS,
    *dialogs.KEYS,
)


def keys_of(where: str) -> tuple[Key, ...]:
    """The table's rows for one screen, view or dialog, or for ``everywhere``."""
    return tuple(key for key in TABLE if key.where == where)


def bindings(where: str) -> list[Binding]:
    """Textual's bindings for one place. The palette opens from every widget, whatever has the focus."""
    return [
        Binding(",".join(key.keys), key.action, key.label, show=key.footer, priority=key.action == "command_palette")
        for key in keys_of(where)
    ]


def palette(places: Sequence[str]) -> tuple[Key, ...]:
    """What the palette offers: the keys of ``places`` (a view, its screen), then those of the app."""
    return tuple(key for where in (*places, EVERYWHERE) for key in keys_of(where) if key.palette)


def shown(key: Key, *, ascii_only: bool = False) -> str:
    """How the key's name is written for people: ``?``, ``esc``, ``←``."""
    return name_of(key.keys[0], ascii_only=ascii_only)


def footer(places: Sequence[str], width: int, *, ascii_only: bool = False) -> list[tuple[str, Key]]:
    """What fits into a footer of ``width`` cells: (names, key), those of ``places`` before those of the app.

    Keys of one label share a place (``←/→ cursor``). Help and quit always stay; the last keys of ``places`` give way,
    the one for the next view only after all others: nothing else tells that there is a next view.
    In a dialog, or where text is typed, only its own keys hold.
    """
    own = _joined([key for where in places for key in keys_of(where)], ascii_only)
    always = [] if any(where in dialogs.TITLES for where in places) else _joined(keys_of(EVERYWHERE), ascii_only)
    while own and _width(own) + _width(always) > width:
        own.pop(max(range(len(own)), key=lambda place: (not own[place][1].action.startswith("step_view"), place)))
    while always and _width(own) + _width(always) > width:
        always.pop(0)
    return own + always


def _joined(keys: Sequence[Key], ascii_only: bool) -> list[tuple[str, Key]]:
    found: dict[str, tuple[str, Key]] = {}
    for key in keys:
        if key.footer:
            name = shown(key, ascii_only=ascii_only)
            before = found.get(key.label)
            found[key.label] = (f"{before[0]}/{name}", before[1]) if before else (name, key)
    return list(found.values())


def _width(places: list[tuple[str, Key]]) -> int:
    return sum(len(name) + len(key.label) + 3 for name, key in places)
