"""Screen 7."""

from __future__ import annotations

from aetui.keys.key import Key, key, run_keys

_HERE = "timemachine"

KEYS: tuple[Key, ...] = (
    key(_HERE, "left", "scrub(-1)", "scrub", "the frame before"),
    key(_HERE, "right", "scrub(1)", "scrub", "the next frame"),
    key(_HERE, "shift+left", "scrub(-10)", "ten back", "ten frames back", footer=False),
    key(_HERE, "shift+right", "scrub(10)", "ten on", "ten frames on", footer=False),
    key(_HERE, "home", "end_of(-1)", "first", "the first frame", footer=False),
    key(_HERE, "end", "end_of(1)", "last", "the newest frame", footer=False),
    key(_HERE, "space", "play", "play", "play or pause the training"),
    key(_HERE, "f", "follow", "follow", "show the newest frame whenever there is one"),
    key(_HERE, "c", "compare", "compare", "beside it the baseline, or a marked run"),
    key(_HERE, "x", "dimension(0, 1)", "x axis", "another dimension across the map"),
    key(_HERE, "X", "dimension(0, -1)", "x axis back", "the dimension before across the map", footer=False),
    key(_HERE, "v", "dimension(1, 1)", "y axis", "another dimension up the map"),
    key(_HERE, "V", "dimension(1, -1)", "y axis back", "the dimension before up the map", footer=False),
    key(_HERE, "p", "components", "PCA", "principal components, or the code's own dimensions"),
    key(_HERE, "a", "colour", "colour", "colour the map by class, or by what is known", footer=False),
    key(_HERE, "t", "term(1)", "term", "show the next loss term"),
    key(_HERE, "l", "log_y", "log", "switch between a logarithmic and a linear y axis"),
    key(_HERE, "pagedown", "page(1)", "images", "other images", footer=False),
    key(_HERE, "pageup", "page(-1)", "images before", "the images before", footer=False),
    key(_HERE, "plus", "speed(1)", "faster", "more frames per second"),
    key(_HERE, "minus", "speed(-1)", "slower", "fewer frames per second", footer=False),
    *run_keys(_HERE),
)
