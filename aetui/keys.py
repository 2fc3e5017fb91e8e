"""Every key of the UI, once: bindings, footer, help screen and palette are made from this table."""

from __future__ import annotations

from dataclasses import dataclass

from textual.binding import Binding

EVERYWHERE = "everywhere"
SCREENS: dict[str, str] = {
    "runs": "Runs",
    "curves": "Curves",
    "reconstructions": "Reconstructions",
    "latent": "Latent",
}
"""The screens in the order of their digit keys, with their titles."""

NAMES: dict[str, str] = {
    "question_mark": "?",
    "left_square_bracket": "[",
    "right_square_bracket": "]",
    "plus": "+",
    "minus": "-",
    "space": "space",
    "escape": "esc",
    "left": "←",
    "right": "→",
    "up": "↑",
    "down": "↓",
    "pageup": "PgUp",
    "pagedown": "PgDn",
    "ctrl+p": "^p",
    "shift+tab": "shift-tab",
    "shift+left": "shift-left",
    "shift+right": "shift-right",
    "ctrl+s": "^s",
}
ASCII_NAMES: dict[str, str] = {"left": "left", "right": "right", "up": "up", "down": "down"}


@dataclass(frozen=True, kw_only=True)
class Key:
    """One thing that a key does.

    keys: Textual's names, the first one is the one that is shown. action: Textual's action, looked up on the screen
    (or on the app for ``everywhere``). label: for the footer, a word or two. help: one line. where: a name of
    ``SCREENS``, ``everywhere``, ``dialog`` (the form for a new run) or ``help``.
    footer: worth a place in the footer. palette: makes sense when picked from a list.
    """

    keys: tuple[str, ...]
    action: str
    label: str
    help: str
    where: str
    footer: bool = True
    palette: bool = True


def _key(
    where: str, keys: str, action: str, label: str, help: str, *, footer: bool = True, palette: bool = True
) -> Key:
    return Key(
        keys=tuple(keys.split()), action=action, label=label, help=help, where=where, footer=footer, palette=palette
    )


def _run_keys(where: str) -> tuple[Key, ...]:
    """Going through the runs, on a screen that shows one of them."""
    return (
        _key(where, "right_square_bracket", "step_run(1)", "next run", "show the next run"),
        _key(where, "left_square_bracket", "step_run(-1)", "previous run", "show the previous run", footer=False),
    )


def _render_key(where: str) -> Key:
    return _key(where, "r", "cycle_render", "render", "draw pictures as half blocks or in ASCII")


RUNS = (
    _key("runs", "up k", "move(-1)", "move", "the run above", footer=False, palette=False),
    _key("runs", "down j", "move(1)", "move", "the run below", footer=False, palette=False),
    _key("runs", "pageup", "move_page(-1)", "move", "a page up", footer=False, palette=False),
    _key("runs", "pagedown", "move_page(1)", "move", "a page down", footer=False, palette=False),
    _key("runs", "enter", "open_run", "open", "show the curves of the run"),
    _key("runs", "space", "mark", "mark", "mark the run: marked runs are overlaid"),
    _key("runs", "n", "new_run", "new", "start a training"),
    _key("runs", "p", "pause", "pause", "pause the run, or let it go on"),
    _key("runs", "x", "stop", "stop", "stop the run at its next step, with a checkpoint"),
    _key("runs", "u", "unmark", "unmark", "unmark all runs", footer=False),
)

CURVES = (
    _key("curves", "t tab", "step_term(1)", "term", "show the next loss term"),
    _key("curves", "shift+tab", "step_term(-1)", "previous term", "show the previous loss term", footer=False),
    _key("curves", "l", "log_y", "log", "switch between a logarithmic and a linear y axis"),
    _key("curves", "left", "move_cursor(-1)", "cursor", "move the cursor to the left"),
    _key("curves", "right", "move_cursor(1)", "cursor", "move the cursor to the right"),
    _key("curves", "shift+left", "move_cursor(-10)", "cursor", "move the cursor far to the left", footer=False),
    _key("curves", "shift+right", "move_cursor(10)", "cursor", "move the cursor far to the right", footer=False),
    *_run_keys("curves"),
)

RECONSTRUCTIONS = (
    _key("reconstructions", "right pagedown down", "page(1)", "more images", "show the next images"),
    _key("reconstructions", "left pageup up", "page(-1)", "images before", "show the previous images", footer=False),
    _key("reconstructions", "v", "variants", "variants", "the variants (or marked runs) on the same images"),
    _key("reconstructions", "c", "corrupt", "corrupt", "show the network corrupted images, or clean ones"),
    _key("reconstructions", "plus", "zoom(-1)", "larger", "fewer, larger images"),
    _key("reconstructions", "minus", "zoom(1)", "smaller", "more, smaller images", footer=False),
    _render_key("reconstructions"),
    *_run_keys("reconstructions"),
)

LATENT = (
    _key("latent", "space", "play", "play", "play or pause the way from A to B"),
    _key("latent", "left", "scrub(-1)", "scrub", "a step towards A"),
    _key("latent", "right", "scrub(1)", "scrub", "a step towards B"),
    _key("latent", "a", "pick('a', 1)", "next A", "another image for A"),
    _key("latent", "A", "pick('a', -1)", "previous A", "the image before, for A", footer=False),
    _key("latent", "b", "pick('b', 1)", "next B", "another image for B"),
    _key("latent", "B", "pick('b', -1)", "previous B", "the image before, for B", footer=False),
    _key("latent", "i", "interpolation", "linear/slerp", "straight from A to B, or on a great circle (slerp)"),
    _key("latent", "plus", "speed(1)", "faster", "play faster"),
    _key("latent", "minus", "speed(-1)", "slower", "play slower", footer=False),
    _render_key("latent"),
    *_run_keys("latent"),
)

APP = (
    _key(EVERYWHERE, "1", "go('runs')", "Runs", "all runs: what they do and how far they are", footer=False),
    _key(EVERYWHERE, "2", "go('curves')", "Curves", "loss curves of the run, or of the marked runs", footer=False),
    _key(
        EVERYWHERE,
        "3",
        "go('reconstructions')",
        "Reconstructions",
        "what the network makes of test images",
        footer=False,
    ),
    _key(EVERYWHERE, "4", "go('latent')", "Latent", "fly from one image to another through the code", footer=False),
    _key(EVERYWHERE, "escape", "back", "back", "back to the screen before", footer=False, palette=False),
    _key(EVERYWHERE, "ctrl+p", "command_palette", "palette", "find a command by name", palette=False),
    _key(EVERYWHERE, "question_mark", "show_help", "help", "this list of keys"),
    _key(EVERYWHERE, "q", "quit", "quit", "leave; trainings go on"),
)

DIALOG = (
    _key("dialog", "escape", "cancel", "close", "close the form without starting anything", palette=False),
    _key(
        "dialog", "ctrl+s", "start", "start", "start what the form says (Enter in a line does the same)", palette=False
    ),
)

HELP = (_key("help", "escape question_mark q", "cancel", "close", "close the help", palette=False),)

TABLE: tuple[Key, ...] = (*APP, *RUNS, *CURVES, *RECONSTRUCTIONS, *LATENT, *DIALOG, *HELP)


def keys_of(where: str) -> tuple[Key, ...]:
    """The table's rows for one screen, or for ``everywhere``."""
    return tuple(key for key in TABLE if key.where == where)


def bindings(where: str) -> list[Binding]:
    """Textual's bindings for one screen (or the app). The palette opens from every widget, whatever has the focus."""
    return [
        Binding(",".join(key.keys), key.action, key.label, show=key.footer, priority=key.action == "command_palette")
        for key in keys_of(where)
    ]


def palette(where: str) -> tuple[Key, ...]:
    """What the palette offers on one screen: its own keys, then those of the app."""
    return tuple(key for key in (*keys_of(where), *keys_of(EVERYWHERE)) if key.palette)


def shown(key: Key, *, ascii_only: bool = False) -> str:
    """How the key's name is written for people: ``?``, ``esc``, ``←``."""
    first = key.keys[0]
    if ascii_only and first in ASCII_NAMES:
        return ASCII_NAMES[first]
    return NAMES.get(first, first)


def footer(where: str, width: int, *, ascii_only: bool = False) -> list[tuple[str, str, str]]:
    """What fits into a footer of ``width`` cells: (key, label, action), the screen's keys before those of the app.

    Keys of one label share a place (``←/→ cursor``). Help and quit always stay; the screen's last keys give way.
    """
    own = _joined(keys_of(where), ascii_only)
    always = _joined(keys_of(EVERYWHERE), ascii_only)
    while own and _width(own) + _width(always) > width:
        own.pop()
    while always and _width(own) + _width(always) > width:
        always.pop(0)
    return own + always


def _joined(keys: tuple[Key, ...], ascii_only: bool) -> list[tuple[str, str, str]]:
    places: dict[str, tuple[str, str, str]] = {}
    for key in keys:
        if key.footer:
            name = shown(key, ascii_only=ascii_only)
            before = places.get(key.label)
            places[key.label] = (f"{before[0]}/{name}" if before else name, key.label, key.action)
    return list(places.values())


def _width(places: list[tuple[str, str, str]]) -> int:
    return sum(len(name) + len(label) + 3 for name, label, _ in places)
