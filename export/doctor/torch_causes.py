"""Why torch does not train on the GPU, in the order in which it is asked; the first that applies is the finding."""

from __future__ import annotations

from export.doctor import commands
from export.doctor.cause import Cause, shown_cuda, too_old_for_cuda_13

TORCH = (
    Cause(
        "not-installed",
        lambda facts: "No module named 'torch'" in str(facts.torch.get("error", "")),
        "bad",
        lambda _: "torch is not installed: nothing can be trained",
        lambda facts: f"{facts.pip} install {commands.TORCH}",
    ),
    Cause(
        "does-not-start",
        lambda facts: "error" in facts.torch,
        "bad",
        lambda facts: f"torch does not start: {facts.torch['error']}",
        commands.reinstall_torch,
    ),
    Cause("ok", lambda facts: not facts.gpu),
    Cause(
        "no-wheel-musl",
        lambda facts: facts.platform.libc == "musl" and not facts.torch.get("device"),
        "note",
        lambda _: "there is no torch with CUDA for musl (Alpine): training uses the CPU",
    ),
    Cause(
        "cpu-only",
        lambda facts: not facts.torch_cuda,
        "bad",
        lambda _: "torch is built without CUDA: training uses the CPU",
        lambda facts: commands.install_torch(facts, 12 if facts.driver_cuda == 12 else 13),
    ),
    Cause(
        "driver-too-old",
        lambda facts: not facts.torch.get("device") and 0 < facts.driver_cuda < facts.torch_cuda,
        "bad",
        lambda facts: (
            f"torch needs CUDA {facts.torch_cuda}, the driver knows {shown_cuda(facts.driver.version)} at most; a"
            " newer driver, or a torch for CUDA 12:"
        ),
        lambda facts: commands.install_torch(facts, 12),
    ),
    Cause(
        "gpu-too-old",
        lambda facts: facts.torch_cuda >= 13 and too_old_for_cuda_13(facts),
        "bad",
        lambda facts: f"{facts.driver.devices[0].name} is too old for CUDA {facts.torch_cuda}, which torch needs",
        lambda facts: commands.install_torch(facts, 12),
    ),
    Cause("ok", lambda facts: bool(facts.torch.get("device"))),
    Cause(
        "waits-for-driver",
        lambda facts: not facts.driver.devices,
        "note",
        lambda _: "torch has what it needs, but for the driver",
    ),
    Cause(
        "no-device",
        lambda _: True,
        "bad",
        lambda facts: (
            f"torch finds no CUDA device, though the driver does: {facts.torch.get('said') or 'it says no more'}"
        ),
        commands.reinstall_torch,
    ),
)
