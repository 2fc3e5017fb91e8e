"""Why onnxruntime does not run on the GPU, in the order in which it is asked; the first that applies is the finding.

What is broken comes before what is missing, and what no command could mend before what one can.
"""

from __future__ import annotations

from collections.abc import Callable

from export.doctor import commands
from export.doctor.cause import Cause, shown_cuda, too_old_for_cuda_13
from export.doctor.facts import Facts
from export.doctor.platforms import CUDA_PYTHONS, no_cuda_wheel


def _session_fails(facts: Facts) -> bool:
    return "error" in facts.session


def _half_installed(facts: Facts) -> bool:
    """A module without its distribution, or the other way round."""
    said = str(facts.session.get("error", ""))
    absent = "No module named 'onnxruntime'" in said
    return "has no attribute" in said or "unknown location" in said or absent == bool(facts.packages)


def _runs_on_cuda(facts: Facts) -> bool:
    return "CUDAExecutionProvider" in facts.session.get("providers", [])


def _built_with_cuda(facts: Facts) -> bool:
    return "CUDAExecutionProvider" in facts.session.get("available", [])


def _no_wheel(name: str, why: Callable[[Facts], str]) -> Cause:
    return Cause(
        f"no-wheel-{name}",
        lambda facts: not _built_with_cuda(facts) and (no_cuda_wheel(facts.platform) or ("",))[0] == name,
        "note",
        lambda facts: f"{why(facts)}: onnxruntime runs on the CPU here",
    )


def _for_whom(facts: Facts) -> str:
    return (no_cuda_wheel(facts.platform) or ("", ""))[1]


def _only_package(facts: Facts) -> str:
    return next(iter(facts.packages), "onnxruntime")


ONNXRUNTIME = (
    Cause(
        "several-packages",
        lambda facts: len(facts.packages) > 1,
        "bad",
        lambda facts: f"{' and '.join(sorted(facts.packages))} overwrite each other: they share one folder",
        commands.replace_onnxruntime,
    ),
    Cause(
        "not-installed",
        lambda facts: _session_fails(facts) and not facts.packages and not _half_installed(facts),
        "bad",
        lambda _: "onnxruntime is not installed",
        commands.install_onnxruntime,
    ),
    Cause(
        "half-installed",
        lambda facts: _session_fails(facts) and _half_installed(facts),
        "bad",
        lambda facts: f"files of onnxruntime are missing ({facts.session['error']})",
        commands.reinstall_onnxruntime,
    ),
    Cause(
        "does-not-start",
        _session_fails,
        "bad",
        lambda facts: f"onnxruntime does not start: {facts.session['error']}",
        commands.reinstall_onnxruntime,
    ),
    _no_wheel("macos", lambda _: "there is no onnxruntime with CUDA for macOS"),
    _no_wheel("musl", lambda _: "PyPI has no onnxruntime for musl (Alpine)"),
    _no_wheel("machine", lambda facts: f"PyPI has no onnxruntime with CUDA for {_for_whom(facts)}"),
    _no_wheel("glibc", lambda facts: f"PyPI has no onnxruntime with CUDA for {_for_whom(facts)}"),
    _no_wheel(
        "python",
        lambda facts: (
            f"PyPI has no onnxruntime with CUDA for {_for_whom(facts)}, only for"
            f" {CUDA_PYTHONS[0][0]}.{CUDA_PYTHONS[0][1]} to {CUDA_PYTHONS[1][0]}.{CUDA_PYTHONS[1][1]}"
        ),
    ),
    Cause("ok", lambda facts: not facts.gpu),
    Cause(
        "cpu-only",
        lambda facts: not _built_with_cuda(facts),
        "bad",
        lambda facts: f"{_only_package(facts)} is built without CUDA",
        commands.replace_onnxruntime,
    ),
    Cause(
        "driver-too-old",
        lambda facts: 0 < facts.driver_cuda < facts.onnxruntime_cuda,
        "bad",
        lambda facts: (
            f"onnxruntime needs CUDA {facts.onnxruntime_cuda}, the driver knows {shown_cuda(facts.driver.version)}"
            " at most; a newer driver, or an onnxruntime for CUDA 12:"
        ),
        lambda facts: commands.install_cuda(facts, commands.CUDA_12),
    ),
    Cause(
        "gpu-too-old",
        lambda facts: facts.onnxruntime_cuda >= 13 and too_old_for_cuda_13(facts),
        "bad",
        lambda facts: (
            f"{facts.driver.devices[0].name} is too old for CUDA {facts.onnxruntime_cuda}, which onnxruntime needs"
        ),
        lambda facts: commands.install_cuda(facts, commands.CUDA_12),
    ),
    Cause(
        "cuda-mismatch-torch-older",
        lambda facts: bool(facts.missing) and 0 < facts.torch_cuda < facts.onnxruntime_cuda,
        "bad",
        lambda facts: (
            f"{facts.missing[0]} not found: onnxruntime needs CUDA {facts.onnxruntime_cuda}, torch brings"
            f" CUDA {facts.torch_cuda}"
        ),
        lambda facts: commands.install_torch(facts, 13),
    ),
    Cause(
        "cuda-mismatch-onnxruntime-older",
        lambda facts: bool(facts.missing) and facts.torch_cuda > facts.onnxruntime_cuda > 0,
        "bad",
        lambda facts: (
            f"{facts.missing[0]} not found: onnxruntime needs CUDA {facts.onnxruntime_cuda}, torch brings"
            f" CUDA {facts.torch_cuda}"
        ),
        lambda facts: commands.install_cuda(facts, commands.CUDA_13),
    ),
    Cause(
        "library-missing",
        lambda facts: bool(facts.missing),
        "bad",
        lambda facts: f"{facts.missing[0]} not found, which onnxruntime needs for CUDA",
        commands.add_cuda_libraries,
    ),
    Cause(
        "cudnn-missing",
        lambda facts: facts.session.get("cudnn") is False,
        "bad",
        lambda _: "libcudnn.so.9 not found, which onnxruntime needs for convolutions",
        commands.add_cuda_libraries,
    ),
    Cause("ok", _runs_on_cuda),
    Cause(
        "waits-for-driver",
        lambda facts: not facts.driver.devices,
        "note",
        lambda _: "onnxruntime has what it needs, but for the driver",
    ),
    Cause(
        "cuda-does-not-start",
        lambda _: True,
        "bad",
        lambda facts: f"CUDA does not start: {facts.session.get('said') or 'onnxruntime does not say why'}",
        commands.reinstall_onnxruntime,
    ),
)
