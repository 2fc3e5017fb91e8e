"""``aetrain reconstruct``: images through the encoder and the decoder."""

from __future__ import annotations

from pathlib import Path

from trainer.commands.batch_arguments import Bundle, Images, Pictured, PictureOptions, tell_skipped


def reconstruct(
    bundle: Bundle,
    images: Images = (),
    /,
    *,
    output: Path | None = None,
    options: Pictured = PictureOptions(),  # noqa: B008 (frozen)
) -> None:
    """Reconstruct images: write them, and say how large the mean squared error is.

    Parameters
    ----------
    output
        A folder that gets a PNG per image, under its name; or images.npy [n, C, H, W]. Without it: the error alone.
    """
    from trainer.inference.reconstruction import reconstruct as run

    opened = options.open(bundle)
    target = options.target(output, opened)
    inputs = options.inputs(images, opened)
    size, kind = options.batch_size, options.dtype or "float32"
    found = run(opened, inputs, target, batch_size=size, dtype=kind, side_by_side=options.side_by_side)
    skipped = tell_skipped(inputs)
    written = None if output is None else str(output)
    options.show(
        opened,
        {"images": found.images, "mse": found.error, "output": written, "skipped": skipped},
        {"images": found.images, "mean squared error": found.error, "output": written},
    )
