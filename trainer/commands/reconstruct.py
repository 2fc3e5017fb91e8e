"""``aetrain reconstruct``: images through the encoder and the decoder."""

from __future__ import annotations

from pathlib import Path

from trainer.commands.batch_arguments import (
    Bundle,
    Dtype,
    Imaged,
    ImageOptions,
    Images,
    SideBySide,
    image_target,
    tell_skipped,
)


def reconstruct(
    bundle: Bundle,
    images: Images = (),
    /,
    *,
    output: Path | None = None,
    side_by_side: SideBySide = False,
    dtype: Dtype = None,
    options: Imaged = ImageOptions(),  # noqa: B008 (frozen)
) -> None:
    """Reconstruct images: write them, and say how large the mean squared error is.

    Parameters
    ----------
    output
        A folder that gets a PNG per image, under its name; or images.npy [n, C, H, W]. Without it: the error alone.
    """
    from trainer.inference.reconstruction import reconstruct as run

    opened = options.open(bundle)
    target = image_target(output, opened, force=options.force, dtype=dtype, side_by_side=side_by_side)
    inputs = options.inputs(images, opened)
    size, kind = options.batch_size, dtype or "float32"
    found = run(opened, inputs, target, batch_size=size, dtype=kind, side_by_side=side_by_side)
    skipped = tell_skipped(inputs)
    written = None if output is None else str(output)
    options.show(
        opened,
        {"images": found.images, "mse": found.error, "output": written, "skipped": skipped},
        {"images": found.images, "mean squared error": found.error, "output": written},
    )
