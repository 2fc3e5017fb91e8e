"""``aetrain denoise``: noisy images through the encoder and the decoder."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from trainer.commands.batch_arguments import (
    Bundle,
    Images,
    Pictured,
    PictureOptions,
    at_least,
    tell_skipped,
    without_effect,
)

LEVEL = 0.5


def denoise(
    bundle: Bundle,
    images: Images = (),
    /,
    *,
    noise: Literal["gaussian", "masking", "salt-pepper"] | None = None,
    level: float | None = None,
    seed: int | None = None,
    output: Path | None = None,
    options: Pictured = PictureOptions(),  # noqa: B008 (frozen)
) -> None:
    """Take the noise off images. With --noise the images are clean, and it is measured how much of it goes.

    Parameters
    ----------
    noise
        Corrupt clean images first, and hold the result against them; without it the images are noisy already.
    level
        Of the noise: the standard deviation of gaussian, the share of pixels hit of the others; default 0.5.
    seed
        Of the noise; default 0.
    output
        A folder that gets a PNG per image, under its name; or images.npy [n, C, H, W]. Without it: numbers alone.
    """
    from trainer.inference.reconstruction import Corruption, reconstruct
    from trainer.progress import say

    _check_noise(noise, level, seed)
    opened = options.open(bundle)
    target = options.target(output, opened)
    inputs = options.inputs(images, opened)
    if opened.bundle.manifest.variant != "denoising":
        say(
            f"{opened.bundle.manifest.name} is {opened.bundle.manifest.variant}: it was not trained to take noise off. "
            "What does not fit through its code goes all the same"
        )
    strength = LEVEL if level is None else level
    corrupted = Corruption(noise, strength, seed or 0, clip=not opened.unbounded) if noise else None
    found = reconstruct(
        opened,
        inputs,
        target,
        batch_size=options.batch_size,
        dtype=options.dtype or "float32",
        side_by_side=options.side_by_side,
        corrupted=corrupted,
        doing="denoising",
    )
    skipped = tell_skipped(inputs)
    numbers: dict[str, Any] = {"images": found.images}
    if noise:
        numbers |= {"noise": noise, "level": strength, "seed": seed or 0}
        numbers |= {"corrupted_mse": found.seen_error, "denoised_mse": found.error}
    else:
        numbers["change_mse"] = found.error
    numbers["output"] = None if output is None else str(output)
    table = {name.replace("_", " "): number for name, number in numbers.items()}
    options.show(opened, {**numbers, "skipped": skipped}, table)


def _check_noise(noise: str | None, level: float | None, seed: int | None) -> None:
    from export.errors import ToolError

    for flag, value in (("--level", level), ("--seed", seed)):
        if value is not None and noise is None:
            raise without_effect(flag, "it says how images are corrupted, and they are not without --noise")
    if level is not None:
        at_least("--level", level, 0, "how strong the noise is")
        if noise != "gaussian" and level > 1:
            raise ToolError(
                f"--level {level:g} is out of range",
                why=f"it is the share of pixels that {noise} noise hits",
                do="give a number from 0 to 1",
            )
    if seed is not None:
        at_least("--seed", seed, 0, "a whole number")
