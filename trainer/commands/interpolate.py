"""``aetrain interpolate``: a walk through the latent space."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from trainer.commands.batch_arguments import Bundle, Bundled, BundleOptions, Dtype, Scale, at_least, without_effect

FRAME_MS = 80


def interpolate(
    bundle: Bundle,
    images: Annotated[
        tuple[str, ...],
        Parameter(help="Two or more image files, or numbers of the bundle's own test images (0 to 63)."),
    ],
    /,
    *,
    output: Path,
    steps: int = 9,
    path: Literal["linear", "slerp"] = "linear",
    scale: Scale = None,
    frame_ms: int | None = None,
    dtype: Dtype = None,
    options: Bundled = BundleOptions(),  # noqa: B008 (frozen)
) -> None:
    """Decode what lies between the codes of images, from the first to the last.

    Parameters
    ----------
    output
        strip.png: left to right; walk.gif: there and back, for ever; walk.npy: an array [n, C, H, W].
    steps
        Images from one to the next, both included.
    path
        linear: straight; slerp: on a great circle, as suits codes of a variational run with many dimensions.
    frame_ms
        How long a GIF shows each image, in milliseconds; default 80.
    """
    from trainer.inference.outputs import check_output
    from trainer.inference.walk import KINDS, stations, walk, write_walk
    from trainer.progress import say

    at_least("--steps", steps, 2, "a number of images, both ends included")
    at_least("--frame-ms", 20 if frame_ms is None else frame_ms, 20, "a time in milliseconds that viewers keep to")
    at_least("--scale", 1 if scale is None else scale, 1, "a whole factor")
    opened = options.open(bundle)
    target = check_output(output, KINDS, force=options.force, opened=opened)
    for flag, value, kinds in (
        ("--dtype", dtype, (".npy",)),
        ("--scale", scale, (".png", ".gif")),
        ("--frame-ms", frame_ms, (".gif",)),
    ):
        if value is not None and target.kind not in kinds:
            raise without_effect(flag, f"it is for {' and '.join(kinds)} files")
    frames = walk(opened, stations(images, opened, say), steps=steps, way=path)
    write_walk(opened, frames, target, scale=scale, frame_ms=frame_ms or FRAME_MS, dtype=dtype or "float32")
    summary = {"stations": len(images), "images": len(frames), "path": path, "output": str(output)}
    options.show(opened, summary)
