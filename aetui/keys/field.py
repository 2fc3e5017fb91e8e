"""Screen 6 and its views."""

from __future__ import annotations

from aetui.keys.key import Key, key, run_keys, view_keys

_PLANE, _IMAGES = "field/plane", "field/images"


def _walk_keys(where: str) -> tuple[Key, ...]:
    return (
        key(where, "space", "play", "play", "play or pause the walk x + a (r(x) - x)"),
        key(where, "full_stop", "step(1)", "step", "one step of the walk"),
        key(where, "comma", "step(-1)", "step back", "one step of the walk back", footer=False),
        key(where, "backspace", "restart", "restart", "back to the start of the walk"),
        key(where, "greater_than_sign", "rate(1)", "larger a", "a larger a: longer steps"),
        key(where, "less_than_sign", "rate(-1)", "smaller a", "a smaller a: shorter steps", footer=False),
        key(where, "plus", "speed(1)", "faster", "more steps per second"),
        key(where, "minus", "speed(-1)", "slower", "fewer steps per second", footer=False),
    )


KEYS: tuple[Key, ...] = (
    key(_PLANE, "left", "move(-1, 0)", "cross-hair", "move the cross-hair to the left"),
    key(_PLANE, "right", "move(1, 0)", "right", "move the cross-hair to the right", footer=False),
    key(_PLANE, "up", "move(0, 1)", "up", "move the cross-hair up", footer=False),
    key(_PLANE, "down", "move(0, -1)", "down", "move the cross-hair down", footer=False),
    key(_PLANE, "shift+left", "move(-8, 0)", "far left", "move the cross-hair far to the left", footer=False),
    key(_PLANE, "shift+right", "move(8, 0)", "far right", "move the cross-hair far to the right", footer=False),
    key(_PLANE, "shift+up", "move(0, 4)", "far up", "move the cross-hair far up", footer=False),
    key(_PLANE, "shift+down", "move(0, -4)", "far down", "move the cross-hair far down", footer=False),
    key(_PLANE, "enter", "walk(False)", "walk", "walk from the cross-hair"),
    key(_PLANE, "w", "walk(True)", "walk from all", "walk from many points at once"),
    *_walk_keys(_PLANE),
    key(_PLANE, "z", "zoom(1.5)", "zoom in", "zoom in about the cross-hair"),
    key(_PLANE, "Z", "zoom(0.6667)", "zoom out", "zoom out about the cross-hair", footer=False),
    key(_PLANE, "h", "pan(-0.2, 0.0)", "pan left", "move the view to the left", footer=False),
    key(_PLANE, "l", "pan(0.2, 0.0)", "pan right", "move the view to the right", footer=False),
    key(_PLANE, "k", "pan(0.0, 0.2)", "pan up", "move the view up", footer=False),
    key(_PLANE, "j", "pan(0.0, -0.2)", "pan down", "move the view down", footer=False),
    key(_PLANE, "c", "centre", "centre", "bring the cross-hair into the middle", footer=False),
    key(_PLANE, "f", "fit", "fit", "show all of the data", footer=False),
    key(_PLANE, "a", "spacing", "arrows", "more arrows or fewer", footer=False),
    key(_PLANE, "d", "data", "data", "show or hide the data", footer=False),
    key(_IMAGES, "left", "move(-1)", "image", "the image before"),
    key(_IMAGES, "right", "move(1)", "image", "the next image"),
    key(_IMAGES, "pageup", "page(-1)", "page before", "the images before", footer=False),
    key(_IMAGES, "pagedown", "page(1)", "next page", "the next images", footer=False),
    *_walk_keys(_IMAGES),
    key(_IMAGES, "k", "kind", "kind", "another kind of noise: gaussian, masking, salt-pepper"),
    key(_IMAGES, "up", "level(1)", "noise", "start from more noise"),
    key(_IMAGES, "down", "level(-1)", "noise", "start from less noise"),
    *run_keys("field"),
    *view_keys("field"),
)
