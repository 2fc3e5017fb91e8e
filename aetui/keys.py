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
    "pageup": "PgUp",
    "pagedown": "PgDn",
    "ctrl+p": "^p",
    "shift+tab": "shift-tab",
}
ASCII_NAMES: dict[str, str] = {"left": "left", "right": "right"}


@dataclass(frozen=True, kw_only=True)
class Key:
    """One thing that a key does.

    keys: Textual's names, the first one is the one that is shown. action: Textual's action, looked up on the screen
    (or on the app for ``everywhere``). label: for the footer, a word or two. help: one line. where: a name of
    ``SCREENS``, or ``everywhere``. footer: worth a place in the footer. palette: makes sense when picked from a list.
    """

    keys: tuple[str, ...]
    action: str
    label: str
    help: str
    where: str
    footer: bool = True
    palette: bool = True


def _go(number: int, screen: str, help_text: str) -> Key:
    action = f"go('{screen}')"
    return Key(
        keys=(str(number),), action=action, label=SCREENS[screen], help=help_text, where=EVERYWHERE, footer=False
    )


def _run_keys(where: str) -> tuple[Key, ...]:
    """Going through the runs, on a screen that shows one of them."""
    return (
        Key(
            keys=("right_square_bracket",),
            action="step_run(1)",
            label="next run",
            help="show the next run",
            where=where,
        ),
        Key(
            keys=("left_square_bracket",),
            action="step_run(-1)",
            label="previous run",
            help="show the previous run",
            where=where,
            footer=False,
        ),
    )


def _render_key(where: str) -> Key:
    return Key(
        keys=("r",),
        action="cycle_render",
        label="render",
        help="draw pictures as half blocks or in ASCII",
        where=where,
    )


RUNS = (
    Key(keys=("enter",), action="open_run", label="open", help="show the curves of the run", where="runs"),
    Key(keys=("space",), action="mark", label="mark", help="mark the run: marked runs are overlaid", where="runs"),
    Key(keys=("n",), action="new_run", label="new", help="start a training", where="runs"),
    Key(keys=("p",), action="pause", label="pause", help="pause the run, or let it go on", where="runs"),
    Key(keys=("x",), action="stop", label="stop", help="stop the run at its next step, with a checkpoint", where="runs"),
    Key(keys=("u",), action="unmark", label="unmark", help="unmark all runs", where="runs", footer=False),
)

CURVES = (
    Key(keys=("t", "tab"), action="step_term(1)", label="term", help="show the next loss term", where="curves"),
    Key(
        keys=("shift+tab",),
        action="step_term(-1)",
        label="previous term",
        help="show the previous loss term",
        where="curves",
        footer=False,
    ),
    Key(keys=("l",), action="log_y", label="log", help="switch between a logarithmic and a linear y axis", where="curves"),
    Key(
        keys=("left",), action="move_cursor(-1)", label="cursor", help="move the cursor to the left", where="curves"
    ),
    Key(
        keys=("right",),
        action="move_cursor(1)",
        label="cursor",
        help="move the cursor to the right",
        where="curves",
    ),
    Key(
        keys=("shift+left",),
        action="move_cursor(-10)",
        label="cursor",
        help="move the cursor far to the left",
        where="curves",
        footer=False,
    ),
    Key(
        keys=("shift+right",),
        action="move_cursor(10)",
        label="cursor",
        help="move the cursor far to the right",
        where="curves",
        footer=False,
    ),
    *_run_keys("curves"),
)

RECONSTRUCTIONS = (
    Key(
        keys=("right", "pagedown", "down"),
        action="page(1)",
        label="more images",
        help="show the next images",
        where="reconstructions",
    ),
    Key(
        keys=("left", "pageup", "up"),
        action="page(-1)",
        label="images before",
        help="show the previous images",
        where="reconstructions",
        footer=False,
    ),
    Key(
        keys=("v",),
        action="variants",
        label="variants",
        help="compare the newest run of each variant on the same images",
        where="reconstructions",
    ),
    Key(
        keys=("c",),
        action="corrupt",
        label="corrupt",
        help="show the network corrupted images, or clean ones",
        where="reconstructions",
    ),
    Key(keys=("plus",), action="zoom(-1)", label="larger", help="fewer, larger images", where="reconstructions"),
    Key(
        keys=("minus",),
        action="zoom(1)",
        label="smaller",
        help="more, smaller images",
        where="reconstructions",
        footer=False,
    ),
    _render_key("reconstructions"),
    *_run_keys("reconstructions"),
)

LATENT = (
    Key(keys=("space",), action="play", label="play", help="play or pause the way from A to B", where="latent"),
    Key(keys=("left",), action="scrub(-1)", label="scrub", help="a step towards A", where="latent"),
    Key(keys=("right",), action="scrub(1)", label="scrub", help="a step towards B", where="latent"),
    Key(keys=("a",), action="pick('a', 1)", label="next A", help="another image for A", where="latent"),
    Key(
        keys=("A",), action="pick('a', -1)", label="previous A", help="the image before, for A", where="latent", footer=False
    ),
    Key(keys=("b",), action="pick('b', 1)", label="next B", help="another image for B", where="latent"),
    Key(
        keys=("B",), action="pick('b', -1)", label="previous B", help="the image before, for B", where="latent", footer=False
    ),
    Key(
        keys=("i",),
        action="interpolation",
        label="linear/slerp",
        help="go straight from A to B, or along a great circle (slerp)",
        where="latent",
    ),
    Key(keys=("plus",), action="speed(1)", label="faster", help="play faster", where="latent"),
    Key(keys=("minus",), action="speed(-1)", label="slower", help="play slower", where="latent", footer=False),
    _render_key("latent"),
    *_run_keys("latent"),
)

APP = (
    _go(1, "runs", "all runs: what they do and how far they are"),
    _go(2, "curves", "loss curves of the run, or of the marked runs"),
    _go(3, "reconstructions", "what the network makes of test images"),
    _go(4, "latent", "fly from one image to another through the code"),
    Key(
        keys=("escape",),
        action="back",
        label="back",
        help="back to the screen before",
        where=EVERYWHERE,
        footer=False,
        palette=False,
    ),
    Key(
        keys=("ctrl+p",),
        action="command_palette",
        label="palette",
        help="find a command by name",
        where=EVERYWHERE,
        palette=False,
    ),
    Key(keys=("question_mark",), action="show_help", label="help", help="this list of keys", where=EVERYWHERE),
    Key(keys=("q",), action="quit", label="quit", help="leave; trainings go on", where=EVERYWHERE),
)

TABLE: tuple[Key, ...] = (*APP, *RUNS, *CURVES, *RECONSTRUCTIONS, *LATENT)


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
