"""Screen 4 and its views."""

from __future__ import annotations

from aetui.keys.key import Key, key, run_keys, view_keys

SCREEN: tuple[Key, ...] = (
    *view_keys("latent"),
    key("latent", "D", "show_view('deck')", "deck", "the way from one image to another", footer=False),
    *run_keys("latent"),
)

DECK: tuple[Key, ...] = (
    key("latent/deck", "space", "play", "play", "play or pause the way from A to B"),
    key("latent/deck", "left", "scrub(-0.0167)", "scrub", "a step towards A; in the grid to the left"),
    key("latent/deck", "right", "scrub(0.0167)", "scrub", "a step towards B; in the grid to the right"),
    key("latent/deck", "shift+left", "scrub(-0.1)", "far", "a tenth of the way towards A", footer=False),
    key("latent/deck", "shift+right", "scrub(0.1)", "far", "a tenth of the way towards B", footer=False),
    key("latent/deck", "home", "scrub_to(0)", "A", "go to A", footer=False),
    key("latent/deck", "end", "scrub_to(1)", "B", "go to B", footer=False),
    key("latent/deck", "g", "grid", "grid", "pick A and B from a grid of the images"),
    key("latent/deck", "a", "pick('a', 1)", "pick", "A: the image under the cursor, without grid the next"),
    key("latent/deck", "b", "pick('b', 1)", "pick", "B: the image under the cursor, without grid the next"),
    key("latent/deck", "A", "pick('a', -1)", "previous A", "A: the image before", footer=False),
    key("latent/deck", "B", "pick('b', -1)", "previous B", "B: the image before", footer=False),
    key("latent/deck", "c", "only(1)", "class", "only images of the next class, for the grid, a and b"),
    key("latent/deck", "C", "only(-1)", "class before", "only images of the class before", footer=False),
    key("latent/deck", "up", "row(-1)", "up", "in the grid: the image above", footer=False, palette=False),
    key("latent/deck", "down", "row(1)", "down", "in the grid: the image below", footer=False, palette=False),
    key("latent/deck", "enter", "close_grid", "close", "close the grid", footer=False, palette=False),
    key("latent/deck", "l", "ends", "loop/bounce", "at the end start again, or turn round"),
    key("latent/deck", "plus", "speed(1)", "speed", "play faster"),
    key("latent/deck", "minus", "speed(-1)", "speed", "play slower"),
)

KEYS: tuple[Key, ...] = (*SCREEN, *DECK)
