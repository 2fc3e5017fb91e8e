"""``aetrain sample``: images that never were."""

from __future__ import annotations

from pathlib import Path

from trainer.commands.batch_arguments import Batched, BatchOptions, Bundle, Dtype, Scale, at_least, without_effect


def sample(
    bundle: Bundle,
    /,
    *,
    output: Path,
    count: int = 64,
    seed: int = 0,
    temperature: float = 1.0,
    from_codes: bool = False,
    scale: Scale = None,
    dtype: Dtype = None,
    options: Batched = BatchOptions(),  # noqa: B008 (frozen)
) -> None:
    """Decode codes drawn at random: from the prior N(0, I) of a variational run, or from a Gaussian like its codes.

    Parameters
    ----------
    output
        sheet.png: all on one sheet; a folder: a PNG each; images.npy: one array [n, C, H, W].
    count
        How many images.
    seed
        The same seed draws the same codes.
    temperature
        Factor of the standard deviation: less than 1 keeps to what is usual, 0 gives the mean alone.
    from_codes
        Draw from a Gaussian fitted to the codes of training images, which every variant has.
    """
    from trainer.inference.draws import check_prior
    from trainer.inference.outputs import check_output
    from trainer.inference.sampling import KINDS, write_samples

    at_least("--count", count, 1, "a number of images")
    at_least("--temperature", temperature, 0, "a factor")
    at_least("--scale", 1 if scale is None else scale, 1, "a whole factor")
    at_least("--seed", seed, 0, "a whole number")
    opened = options.open(bundle)
    target = check_output(output, KINDS, force=options.force, opened=opened)
    if dtype is not None and target.kind != ".npy":
        raise without_effect("--dtype", "it says what an .npy holds, and none is written")
    if scale is not None and target.kind != ".png":
        raise without_effect("--scale", "it magnifies a sheet, and none is written")
    check_prior(opened, from_codes=from_codes)
    write_samples(
        opened,
        target,
        count=count,
        seed=seed,
        temperature=temperature,
        from_codes=from_codes,
        batch_size=options.batch_size,
        dtype=dtype or "float32",
        scale=scale,
    )
    source = "a Gaussian like the training codes" if from_codes else "the prior"
    summary = {"images": count, "from": source, "seed": seed, "temperature": temperature, "output": str(output)}
    options.show(opened, summary)
