"""What smaller weights cost: the mean squared error of reconstructions with them, against that with float32."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from export.errors import ExitCode, ToolError
from export.runtime import open_session, run_session

Precision = Literal["fp32", "fp16", "int8"]

LIMITS: dict[str, float] = {"fp16": 0.001, "int8": 0.01}
"""By how much of itself the error may grow."""

NEGLIGIBLE = 1e-9
"""A growth of the error that nobody can see, where there is next to none; in squares of the images' range."""


def check_quality(
    precision: str,
    exact: dict[str, bytes],
    smaller: dict[str, bytes],
    images: npt.NDArray[np.float32],
    input_range: tuple[float, float],
) -> dict[str, Any]:
    """Compare the graphs ``smaller`` with the float32 graphs ``exact`` they were made from, on real images.

    exact, smaller: ``encoder.onnx`` and ``decoder.onnx`` → bytes. images: float32 [n, C, H, W], n ≥ 1.
    Returns what the manifest keeps. Raises ToolError (exit 1), with the figure, where the error grows by more than
    ``LIMITS`` allow.
    """
    before, after = reconstructed(exact, images), reconstructed(smaller, images)
    exact_mse, mse = (float(np.square(x_hat - images, dtype=np.float64).mean()) for x_hat in (before, after))
    growth = mse / exact_mse - 1 if exact_mse else 0.0
    low, high = input_range
    if not mse <= exact_mse * (1 + LIMITS[precision]) + NEGLIGIBLE * (high - low) ** 2:
        raise ToolError(
            f"{precision} makes reconstructions worse by {growth:.2%}; nothing was written",
            why=f"mean squared error {exact_mse:.6g} → {mse:.6g} on {len(images)} test images; "
            f"{LIMITS[precision]:.1%} is allowed",
            do="aetrain export --precision fp16   costs next to nothing" if precision == "int8" else "keep fp32",
            exit_code=ExitCode.FAILED,
        )
    return {
        "fp32_mse": exact_mse,
        "mse": mse,
        "growth": growth,
        "allowed": LIMITS[precision],
        "images": len(images),
        "max_difference": float(np.abs(after - before).max()),
        "size": sum(map(len, smaller.values())) / sum(map(len, exact.values())),
    }


def encoded(graphs: dict[str, bytes], images: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """The codes that ``encoder.onnx`` of ``graphs`` gives for ``images``: its first head, float32 [n, latent_dim]."""
    session = open_session(graphs["encoder.onnx"], ["CPUExecutionProvider"])
    return run_session(session, [session.get_outputs()[0].name], {"image": images})[0]


def reconstructed(graphs: dict[str, bytes], images: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """What ``encoder.onnx`` and ``decoder.onnx`` of ``graphs`` make of ``images``, in pieces; float32 [n, C, H, W]."""
    return decoded(graphs, encoded(graphs, images))


def decoded(graphs: dict[str, bytes], codes: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """What ``decoder.onnx`` of ``graphs`` makes of codes float32 [n, latent_dim]; float32 [n, C, H, W]."""
    session = open_session(graphs["decoder.onnx"], ["CPUExecutionProvider"])
    return run_session(session, ["reconstruction"], {"latent": codes})[0]
