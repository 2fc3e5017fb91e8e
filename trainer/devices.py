"""Which device a run really trains on, and in which arithmetic."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator
from contextlib import AbstractContextManager

import torch

from export.errors import ToolError


def resolve_device(asked: str) -> torch.device:
    """``auto``, ``cpu``, ``cuda`` or ``cuda:N`` as a device that is there.

    Raises ToolError (exit 2) for CUDA where there is none.
    """
    if asked == "cpu" or (asked == "auto" and not torch.cuda.is_available()):
        return torch.device("cpu")
    if not torch.cuda.is_available():
        build = "this torch is a CPU build" if torch.version.cuda is None else "torch finds no CUDA device"
        raise ToolError(
            f"--device {asked} is not to be had", why=build, do="aetrain doctor   says what to do; or --device cpu"
        )
    _, _, index = asked.partition(":")
    if index and int(index) >= torch.cuda.device_count():
        raise ToolError(
            f"--device {asked} is not to be had",
            why=f"this machine has {torch.cuda.device_count()} CUDA device(s), counted from 0",
            do="give --device a lower number",
        )
    return torch.device("cuda", int(index or torch.cuda.current_device()))


SMALL_STEP_FLOP = 100e6
"""Below this a second thread gains little, and costs much as soon as another process wants a core."""
FLOP_PER_THREAD = 50e6
"""Above it every thread is to have so much to do; with less, they wait for each other for longer than they compute."""


def threads_for(flop: int, asked: int | None, device: torch.device) -> int:
    """How many CPU threads a step of so many operations uses: as asked, else as many as have enough to do.

    Raises ToolError (exit 2) where a number is asked for and the step is not on the CPU.
    """
    if asked is not None and device.type != "cpu":
        raise ToolError(
            "--threads has no effect here", why=f"the run trains on {device}", do="leave it out, or add --device cpu"
        )
    if asked is not None:
        return asked
    return 1 if flop < SMALL_STEP_FLOP else min(torch.get_num_threads(), round(flop / FLOP_PER_THREAD))


@contextlib.contextmanager
def cpu_steps(threads: int) -> Iterator[None]:
    """A context for training on the CPU: on so many threads, and with subnormal numbers taken as zero; then as before.

    Adam's moments of a weight without a gradient (behind a dead unit, of a pixel that is always black) shrink for ever;
    after some 800 steps they are subnormal, and arithmetic on those takes a hundred times as long. How they are taken
    is the state of a thread: of the calling one, and of those that torch has not begun yet, which inherit it.
    """
    flushed, threads_before = _takes_subnormal_as_zero(), torch.get_num_threads()
    torch.set_flush_denormal(True)
    torch.set_num_threads(threads)
    try:
        yield
    finally:
        torch.set_flush_denormal(flushed)
        torch.set_num_threads(threads_before)


def _takes_subnormal_as_zero() -> bool:
    return float(torch.full((), 1e-39) * 1.0) == 0


def describe(device: torch.device) -> str:
    """For people: ``cpu``, or ``cuda:0 (NVIDIA …)``."""
    return str(device) if device.type == "cpu" else f"{device} ({torch.cuda.get_device_name(device)})"


def set_precision(precision: str, device: torch.device) -> None:
    """Let matrix products use TF32, or not. Raises ToolError (exit 2) for tf32 on a CPU, which has none."""
    if precision == "tf32" and device.type != "cuda":
        raise ToolError(
            "--precision tf32 has no effect here",
            why=f"the run trains on {device}, which has no TF32",
            do="leave it out",
        )
    if device.type == "cuda":
        torch.backends.cuda.matmul.allow_tf32 = precision == "tf32"
        torch.backends.cudnn.allow_tf32 = precision == "tf32"


def set_determinism(wanted: bool, device: torch.device) -> None:
    """Allow on CUDA only kernels that give the same bits each time. Raises ToolError (exit 2) on a CPU: they do."""
    if not wanted:
        return
    if device.type != "cuda":
        raise ToolError(
            "--deterministic has no effect here",
            why=f"a step on {device} gives the same bits anyway",
            do="leave it out",
        )
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")  # read when CUDA is first used
    torch.use_deterministic_algorithms(True)
    torch.backends.cudnn.benchmark = False


def require_compiler(device: torch.device) -> None:
    """Raises ToolError (exit 2) where torch.compile finds no compiler for the code that it writes for a CPU."""
    compiler = os.environ.get("CXX", "g++")
    if device.type == "cpu" and shutil.which(compiler) is None and shutil.which("clang++") is None:
        raise ToolError(
            "--compile on needs a C++ compiler",
            why=f"torch.compile writes C++ for a CPU, and {compiler} is not to be found",
            do="install one (Debian: apt install g++), or leave --compile out: it is faster for short runs",
        )


def arithmetic(precision: str, device: torch.device) -> AbstractContextManager[object]:
    """The context in which losses are computed: autocast for bf16, else nothing."""
    if precision == "bf16":
        return torch.autocast(device.type, dtype=torch.bfloat16)
    return contextlib.nullcontext()
