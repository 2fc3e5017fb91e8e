"""Does onnxruntime compute what torch computes? Asked on real images, at several batch sizes, on the CPU."""

from __future__ import annotations

import copy
import math
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from export.errors import ExitCode, ToolError
from export.runtime import first_line, open_session, run_session

BATCH_SIZES = (1, 2, 7, 64, 256)
ABSOLUTE = 1e-6
RELATIVE = 1e-5
ROUNDINGS = 5e-7

Array = npt.NDArray[np.float32]


def check_parity(files: dict[str, bytes], encoder: nn.Module, decoder: nn.Module, images: Array) -> dict[str, Any]:
    """Compare ``encoder.onnx`` and ``decoder.onnx`` of ``files`` with the float32 modules they were made from.

    encoder, decoder: on the CPU, in eval mode. images: float32 [n, C, H, W] in [0, 1], n ≥ 1; all of them go through at
    every batch size. The decoder gets the codes that the torch encoder gives.
    Returns what the manifest keeps: the largest |onnxruntime − torch| per output, and of how far both are from the same
    computation in float64.
    Raises ToolError (exit 1) where a difference is above 1e-6 + 1e-5 · max|y|, or is not a number, or onnxruntime is
    more than 2 × as far from float64 as torch is, plus 5e-7 (of max|y|, where that is above 1): eight roundings of a
    float of 24 bits, for on some processors torch happens to sum few products nearly exactly.
    """
    x = torch.from_numpy(images)
    with torch.inference_mode():
        heads = named_outputs(encoder(x))
        code = next(iter(heads.values()))
        expected = {"reconstruction": decoder(code).numpy()}
    wanted = {name: head.numpy() for name, head in heads.items()}
    for part, outputs in (("encoder", wanted), ("decoder", expected)):
        _check_finite(part, outputs)
    found = {
        "encoder": _compare("encoder", files, {"image": images}, wanted),
        "decoder": _compare("decoder", files, {"latent": code.numpy()}, expected),
    }
    errors = {
        "encoder": _check_errors("encoder", files, {"image": images}, wanted, _in_float64(encoder, x)),
        "decoder": _check_errors("decoder", files, {"latent": code.numpy()}, expected, _in_float64(decoder, code)),
    }
    return {
        "errors_against_float64": errors,
        "tolerance": f"{ABSOLUTE:g} + {RELATIVE:g} * max|y|",
        "batch_sizes": list(BATCH_SIZES),
        "max_difference": max(difference for outputs in found.values() for difference in outputs.values()),
        **found,
    }


def _in_float64(module: nn.Module, x: Tensor) -> list[npt.NDArray[np.float64]] | None:
    """What ``module`` computes of ``x`` in float64; None where it insists on float32."""
    try:
        with torch.inference_mode():
            return [head.numpy() for head in named_outputs(copy.deepcopy(module).double()(x.double())).values()]
    except (RuntimeError, TypeError):
        return None


def _check_errors(
    part: str,
    files: dict[str, bytes],
    inputs: dict[str, Array],
    torch32: dict[str, Array],
    exact: list[npt.NDArray[np.float64]] | None,
) -> dict[str, dict[str, float]] | None:
    """Per output, how far onnxruntime and torch are from ``exact``; None where there is nothing exact."""
    if exact is None:
        return None
    answers = run_session(open_session(files[f"{part}.onnx"], ["CPUExecutionProvider"]), list(torch32), inputs)
    errors = {}
    for (name, one), answer, truth in zip(torch32.items(), answers, exact, strict=True):
        ours, theirs = (float(np.abs(found - truth).max(initial=0.0)) for found in (answer, one))
        allowed = 2 * theirs + ROUNDINGS * max(1.0, float(np.abs(truth).max(initial=0.0)))
        if not ours <= allowed:
            raise _mismatch(
                part, f"{name} is {ours:.3g} off what float64 gives, torch {theirs:.3g}; {allowed:.3g} is allowed"
            )
        errors[name] = {"onnxruntime": ours, "torch": theirs}
    return errors


def named_outputs(outputs: Tensor | dict[str, Tensor]) -> dict[str, Tensor]:
    """What an encoder returns, by name: one without heads gives ``latent``."""
    return outputs if isinstance(outputs, dict) else {"latent": outputs}


def tolerance(expected: Array) -> float:
    """What may separate two float32 computations of ``expected``."""
    return ABSOLUTE + RELATIVE * float(np.abs(expected).max(initial=0.0))


def _compare(
    part: str, files: dict[str, bytes], inputs: dict[str, Array], expected: dict[str, Array]
) -> dict[str, float]:
    try:
        session = open_session(files[f"{part}.onnx"], ["CPUExecutionProvider"])
        worst = dict.fromkeys(expected, 0.0)
        for size in (0, *BATCH_SIZES):
            for name, difference in _differences(session, inputs, expected, size).items():
                worst[name] = max(worst[name], difference)
    except ToolError:
        raise
    except Exception as error:  # onnxruntime raises many kinds
        raise _mismatch(part, f"onnxruntime refuses it: {first_line(error)}") from error
    for name, difference in worst.items():
        if not (math.isfinite(difference) and difference <= tolerance(expected[name])):
            raise _mismatch(
                part, f"{name} differs by {difference:.3g}; {tolerance(expected[name]):.3g} would be rounding"
            )
    return worst


def _differences(session: Any, inputs: dict[str, Array], expected: dict[str, Array], size: int) -> dict[str, float]:
    """max |onnxruntime − torch| per output, everything in batches of ``size`` (0: one empty batch); NaN is infinite."""
    ((name, values),) = inputs.items()
    starts = range(0, len(values), size) if size else [0]
    batches = [session.run(list(expected), {name: values[start : start + size]}) for start in starts]
    result = {}
    for i, (output, wanted) in enumerate(expected.items()):
        found = np.concatenate([batch[i] for batch in batches])
        wanted = wanted if size else wanted[:0]
        same_shape = found.shape == wanted.shape
        difference = float(np.abs(found - wanted).max(initial=0.0)) if same_shape else float("inf")
        result[output] = difference if np.isfinite(difference) else float("inf")
    return result


def _check_finite(part: str, outputs: dict[str, Array]) -> None:
    for name, values in outputs.items():
        if not np.isfinite(values).all():
            raise ToolError(
                f"the trained {part} gives values that are not numbers; nothing was written",
                why=f"{name} of a real image is NaN or infinite, so its weights are, or soon will be",
                do="train again with a smaller --lr",
                exit_code=ExitCode.FAILED,
            )


def _mismatch(part: str, why: str) -> ToolError:
    return ToolError(
        f"{part}.onnx does not compute what the trained {part} computes; nothing was written",
        why=why,
        do="try the other one of aetrain export --exporter native|torch",
        exit_code=ExitCode.FAILED,
    )
