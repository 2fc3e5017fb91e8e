"""``aetrain decode``: codes → images."""

from __future__ import annotations

from pathlib import Path

from trainer.commands.batch_arguments import (
    AsJson,
    BatchSize,
    Bundle,
    Dtype,
    Force,
    Provider,
    RunsDir,
    at_least,
    without_effect,
)


def decode(
    bundle: Bundle,
    codes: Path,
    /,
    *,
    output: Path,
    dtype: Dtype = None,
    batch_size: BatchSize = 256,
    provider: Provider = "auto",
    force: Force = False,
    runs_dir: RunsDir = Path("runs"),
    json: AsJson = False,
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
    from trainer.inference.models import open_bundle
    from trainer.inference.outputs import FOLDER, IMAGES, check_output
    from trainer.tables import print_json, print_table

    at_least("--batch-size", batch_size, 1, "a number of images")
    opened = open_bundle(bundle, runs_dir, provider)
    target = check_output(output, IMAGES, force=force, opened=opened)
    if dtype is not None and target.kind == FOLDER:
        raise without_effect("--dtype", "a folder gets PNGs")
    known = open_codes(codes, opened.head, opened.bundle.manifest.latent_dim)
    count = write_images(opened, known, target, batch_size=batch_size, dtype=dtype or "float32")
    if json:
        print_json({**opened.summary(), "images": count, "shape": list(opened.image_shape), "output": str(output)})
    else:
        print_table(["images", "shape", "output"], [[count, str(list(opened.image_shape)), str(output)]])
