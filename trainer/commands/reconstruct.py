"""``aetrain reconstruct``: images through the encoder and the decoder."""

from __future__ import annotations

from pathlib import Path

from trainer.commands.batch_arguments import (
    AsJson,
    BatchSize,
    Bundle,
    Dtype,
    Force,
    Images,
    Limit,
    Provider,
    RunsDir,
    SideBySide,
    SkipBad,
    at_least,
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
    batch_size: BatchSize = 256,
    limit: Limit = None,
    skip_bad: SkipBad = False,
    provider: Provider = "auto",
    force: Force = False,
    runs_dir: RunsDir = Path("runs"),
    json: AsJson = False,
) -> None:
    """Reconstruct images: write them, and say how large the mean squared error is.

    Parameters
    ----------
    output
        A folder that gets a PNG per image, under its name; or images.npy [n, C, H, W]. Without it: the error alone.
    """
    from trainer.inference.inputs import open_inputs
    from trainer.inference.models import open_bundle
    from trainer.inference.reconstruction import reconstruct as run
    from trainer.progress import say
    from trainer.tables import print_json, print_table

    at_least("--batch-size", batch_size, 1, "a number of images")
    opened = open_bundle(bundle, runs_dir, provider)
    target = image_target(output, opened, force=force, dtype=dtype, side_by_side=side_by_side)
    inputs = open_inputs(images, opened, limit=limit, skip_bad=skip_bad, say=say)
    found = run(
        opened, inputs, target, batch_size=batch_size, dtype=dtype or "float32", side_by_side=side_by_side
    )  # fmt: skip
    tell_skipped(inputs)
    written = None if output is None else str(output)
    if json:
        skipped = [name for name, _ in inputs.skipped]
        print_json(
            {**opened.summary(), "images": found.images, "mse": found.error, "output": written, "skipped": skipped}
        )
    else:
        print_table(["images", "mean squared error", "output"], [[found.images, found.error, written]])
