"""Screen 4 and its views."""

from __future__ import annotations

from aetui.keys.key import Key, key, run_keys

KEYS: tuple[Key, ...] = (
    key("latent", "space", "play", "play", "play or pause the way from A to B"),
    key("latent", "left", "scrub(-1)", "scrub", "a step towards A"),
    key("latent", "right", "scrub(1)", "scrub", "a step towards B"),
    key("latent", "a", "pick('a', 1)", "next A", "another image for A"),
    key("latent", "A", "pick('a', -1)", "previous A", "the image before, for A", footer=False),
    key("latent", "b", "pick('b', 1)", "next B", "another image for B"),
    key("latent", "B", "pick('b', -1)", "previous B", "the image before, for B", footer=False),
    key("latent", "i", "interpolation", "linear/slerp", "straight from A to B, or on a great circle (slerp)"),
    key("latent", "plus", "speed(1)", "faster", "play faster"),
    key("latent", "minus", "speed(-1)", "slower", "play slower", footer=False),
    *run_keys("latent"),
)
