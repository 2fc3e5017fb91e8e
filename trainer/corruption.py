"""What a denoising autoencoder is shown instead of the image. Torch-free: works on arrays and tensors alike."""

from __future__ import annotations

from typing import Literal, TypeVar, get_args

Corruption = Literal["gaussian", "masking", "salt-pepper"]
KINDS: tuple[str, ...] = get_args(Corruption)

Array = TypeVar("Array")


def takes_normal_noise(kind: str) -> bool:
    """True where ``corrupt`` wants N(0, 1) noise, False where it wants noise uniform in [0, 1)."""
    return kind == "gaussian"


def corrupt(x: Array, kind: str, level: float, noise: Array) -> Array:
    """``x`` corrupted, in [0, 1] again.

    x: float, any shape, in [0, 1] (array or tensor). noise: the same shape, standard normal for ``gaussian``, else
    uniform in [0, 1). level: the standard deviation σ of ``gaussian``; for the others the share p of pixels hit,
    0 ≤ p ≤ 1. ``masking`` sets them to 0, ``salt-pepper`` one half to 0 and one half to 1.
    Source: Vincent et al. 2010, "Stacked denoising autoencoders", section 3.3.
    """
    if kind == "gaussian":
        return (x + level * noise).clip(0, 1)  # type: ignore[attr-defined, operator, no-any-return]
    if kind == "masking":
        return x * (noise >= level)  # type: ignore[operator, no-any-return]
    if kind == "salt-pepper":
        kept = (noise >= level / 2) * (noise < 1 - level / 2)  # type: ignore[operator]
        return x * kept + (noise >= 1 - level / 2) * 1  # type: ignore[operator, no-any-return]
    raise ValueError(f"{kind!r} is none of {KINDS}")
