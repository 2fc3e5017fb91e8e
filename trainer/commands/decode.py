"""``aetrain decode``: codes → images."""

from __future__ import annotations

from pathlib import Path

from trainer.commands.batch_arguments import Batched, BatchOptions, Bundle, Dtype, without_effect


def decode(
    bundle: Bundle,
    codes: Path,
    /,
    *,
    output: Path,
    dtype: Dtype = None,
    options: Batched = BatchOptions(),  # noqa: B008 (frozen)
) -> None:
    """Write the images that codes stand for, in their order.

    Parameters
    ----------
    codes
        What aetrain encode wrote (.npz, .npy or .csv), or any float array [n, d].
    output
        images.npy [n, C, H, W], or a folder that gets a PNG per code.
    """
    from trainer.inference.codes import open_codes
    from trainer.inference.coding import write_images
    from trainer.inference.outputs import FOLDER, IMAGES, check_output

    opened = options.open(bundle)
    target = check_output(output, IMAGES, force=options.force, opened=opened)
    if dtype is not None and target.kind == FOLDER:
        raise without_effect("--dtype", "a folder gets PNGs")
    known = open_codes(codes, opened.head, opened.bundle.manifest.latent_dim)
    count = write_images(opened, known, target, batch_size=options.batch_size, dtype=dtype or "float32")
    options.show(opened, {"images": count, "shape": list(opened.image_shape), "output": str(output)})
