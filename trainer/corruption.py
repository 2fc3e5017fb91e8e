"""What a denoising autoencoder is shown instead of the image. Torch-free: works on arrays and tensors alike."""

from __future__ import annotations

from typing import Any, Literal, get_args

Corruption = Literal["gaussian", "masking", "salt-pepper"]
KINDS: tuple[str, ...] = get_args(Corruption)


def takes_normal_noise(kind: str) -> bool:
    """True where ``corrupt`` wants N(0, 1) noise, False where it wants noise uniform in [0, 1)."""
    return kind == "gaussian"


def corrupt(x: Any, kind: str, level: Any, noise: Any, *, clip: bool = True) -> Any:
    """``x`` corrupted.

    x: float, any shape, in [0, 1] (a numpy array or a torch tensor; the result is of the same kind). noise: the same
    shape, standard normal for ``gaussian``, else uniform in [0, 1). level: the standard deviation σ of ``gaussian``;
    for the others the share p of pixels hit, 0 ≤ p ≤ 1; one number, or an array like ``x`` of one for each image
    ([batch, 1, 1, 1]). ``masking`` sets them to 0, ``salt-pepper`` one half to 0 and one half to 1.
    clip: bring the result of ``gaussian`` back to [0, 1]; not for points. Raises ValueError for another kind.
    Source: Vincent et al. 2010, "Stacked denoising autoencoders", section 3.3.
    """
    if kind == "gaussian":
        noisy = x + level * noise
        return noisy.clip(0, 1) if clip else noisy
    if kind == "masking":
        return x * (noise >= level)
    if kind == "salt-pepper":
        kept = (noise >= level / 2) * (noise < 1 - level / 2)
        return x * kept + (noise >= 1 - level / 2)
    raise ValueError(f"{kind!r} is none of {KINDS}")
