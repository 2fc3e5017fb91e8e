"""Screen 3."""

from __future__ import annotations

from aetui.keys.key import Key, key, run_keys

KEYS: tuple[Key, ...] = (
    key("reconstructions", "right pagedown down", "page(1)", "more images", "show the next images"),
    key("reconstructions", "left pageup up", "page(-1)", "images before", "show the previous images", footer=False),
    key("reconstructions", "v", "variants", "variants", "the variants (or marked runs) on the same images"),
    key("reconstructions", "c", "corrupt", "corrupt", "show the network corrupted images, or clean ones"),
    key("reconstructions", "plus", "zoom(-1)", "larger", "fewer, larger images"),
    key("reconstructions", "minus", "zoom(1)", "smaller", "more, smaller images", footer=False),
    *run_keys("reconstructions"),
)
