"""Screen 3 and its views."""

from __future__ import annotations

from aetui.keys.key import Key, key, run_keys, view_keys

_HERE = "reconstructions"

KEYS: tuple[Key, ...] = (
    key(_HERE, "left", "move(-1)", "image", "the image before"),
    key(_HERE, "right", "move(1)", "image", "the next image"),
    key(_HERE, "up", "move_row(-1)", "image above", "the image above", footer=False),
    key(_HERE, "down", "move_row(1)", "image below", "the image below", footer=False),
    key(_HERE, "enter", "large", "large", "the selected image as large as it fits, and back"),
    key(_HERE, "v", "toggle_view('beside')", "variants", "the variants (or the marked runs) side by side"),
    key(_HERE, "d", "toggle_view('widths')", "dimensions", "runs whose codes differ in width: 2, 5, ... dimensions"),
    key(_HERE, "c", "corrupt", "corrupt", "show the networks corrupted images, or clean ones"),
    key(_HERE, "comma", "change_level(-0.01)", "noise", "a little less noise"),
    key(_HERE, "full_stop", "change_level(0.01)", "noise", "a little more noise"),
    key(_HERE, "less_than_sign", "change_level(-0.1)", "less noise", "much less noise", footer=False),
    key(_HERE, "greater_than_sign", "change_level(0.1)", "more noise", "much more noise", footer=False),
    key(_HERE, "k", "next_kind", "kind", "another kind of noise: gaussian, masking, salt-pepper"),
    key(_HERE, "o", "next_order", "order", "as stored, the worst first, the best first"),
    key(_HERE, "f", "next_class", "class", "only the images of the next class"),
    key(_HERE, "x", "residuals", "residual", "show or hide the residuals: reconstruction - image"),
    *run_keys(_HERE),
    key(_HERE, "pagedown", "page(1)", "next page", "the next images", footer=False),
    key(_HERE, "pageup", "page(-1)", "page before", "the images before", footer=False),
    key(_HERE, "home", "end_of(-1)", "first image", "the first image", footer=False),
    key(_HERE, "end", "end_of(1)", "last image", "the last image", footer=False),
    key(_HERE, "F", "all_classes", "all classes", "the images of all classes", footer=False),
    key(_HERE, "X", "next_limit", "scale", "what residual has the full colour", footer=False),
    key(_HERE, "p", "next_measure", "measure", "errors as MSE, PSNR or SSIM", footer=False),
    key(_HERE, "n", "next_draw", "new noise", "draw the noise anew", footer=False),
    key(_HERE, "space", "play", "play noise", "let the noise rise and fall; S saves it as a GIF", footer=False),
    key(_HERE, "plus", "zoom(-1)", "larger", "fewer, larger images", footer=False),
    key(_HERE, "minus", "zoom(1)", "smaller", "more, smaller images", footer=False),
    *view_keys(_HERE),
)
