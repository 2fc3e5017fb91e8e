"""Why there is no CUDA device, in the order in which it is asked; the first that applies is the finding."""

from __future__ import annotations

from collections.abc import Callable

from export.cuda import NO_DEVICE
from export.doctor import commands
from export.doctor.cause import Cause, shown_cuda
from export.doctor.facts import Facts


def _status(*numbers: int) -> Callable[[Facts], bool]:
    return lambda facts: facts.driver.status in numbers


DRIVER = (
    Cause(
        "driver-too-old",
        lambda facts: bool(facts.driver.devices) and 0 < facts.driver_cuda < 12,
        "bad",
        lambda facts: (
            f"the NVIDIA driver knows CUDA {shown_cuda(facts.driver.version)} at most; what is built today needs 12"
        ),
        lambda facts: commands.install_driver(facts.platform),
    ),
    Cause("ok", lambda facts: bool(facts.driver.devices)),
    Cause(
        "driver-crashes",
        lambda facts: bool(facts.driver_error) and facts.platform.gpu,
        "bad",
        lambda facts: f"asking the NVIDIA driver ends badly: {facts.driver_error}",
        lambda _: "sudo reboot",
    ),
    Cause(
        "no-driver-for-macos",
        lambda facts: facts.platform.system == "darwin",
        "note",
        lambda _: "there is no CUDA on macOS",
    ),
    Cause(
        "hidden",
        lambda facts: facts.unmasked > 0,
        "bad",
        lambda facts: f"CUDA_VISIBLE_DEVICES={facts.visible} hides every GPU of this box ({facts.unmasked})",
        lambda _: "unset CUDA_VISIBLE_DEVICES",
    ),
    Cause(
        "wsl-1",
        lambda facts: facts.platform.wsl == 1,
        "note",
        lambda _: "WSL 1 gives Linux no GPU, WSL 2 does",
        lambda _: 'wsl.exe --set-version "$WSL_DISTRO_NAME" 2',
    ),
    Cause(
        "wsl-path",
        lambda facts: facts.platform.windows_driver and not facts.driver.found,
        "bad",
        lambda _: "Windows lends its NVIDIA driver, but /usr/lib/wsl/lib is not searched for it",
        lambda _: "echo /usr/lib/wsl/lib | sudo tee /etc/ld.so.conf.d/wsl.conf && sudo ldconfig",
    ),
    Cause(
        "wsl-no-driver",
        lambda facts: facts.platform.wsl == 2 and not facts.platform.windows_driver,
        "note",
        lambda _: (
            "Windows lends WSL no NVIDIA driver; where it has an NVIDIA GPU: install its driver in Windows, not here"
        ),
        lambda _: "wsl.exe --update",
    ),
    Cause(
        "container-without-gpu",
        lambda facts: bool(facts.platform.container and facts.platform.gpu and facts.driver.status in (0, NO_DEVICE)),
        "bad",
        lambda facts: (
            f"this container ({facts.platform.container}) was started without the machine's NVIDIA GPU; on the host:"
        ),
        lambda facts: commands.lend_gpu(facts.platform),
    ),
    Cause(
        "no-gpu",
        lambda facts: not facts.gpu,
        "note",
        lambda facts: (
            "this box has no NVIDIA GPU"
            if not facts.platform.container
            else f"this container ({facts.platform.container}) sees no NVIDIA GPU"
        ),
    ),
    Cause(
        "slurm-without-gpu",
        lambda facts: facts.platform.slurm and facts.platform.module and facts.driver.status in (0, NO_DEVICE),
        "bad",
        lambda _: "Slurm has given no GPU to this shell",
        lambda _: "srun --gres=gpu:1 --pty bash",
    ),
    Cause(
        "no-driver",
        lambda facts: not facts.driver.found,
        "bad",
        lambda facts: (
            "there is an NVIDIA GPU, but its driver's library (libcuda) is not to be found"
            if facts.platform.module
            else "there is an NVIDIA GPU, but no NVIDIA driver"
        ),
        lambda facts: commands.install_driver(facts.platform),
    ),
    Cause(
        "stub-driver",
        _status(34),
        "bad",
        lambda _: "LD_LIBRARY_PATH leads to the CUDA toolkit's stub of libcuda instead of the driver's",
        lambda _: "unset LD_LIBRARY_PATH",
    ),
    Cause(
        "reboot-pending",
        _status(803),
        "bad",
        lambda _: "the NVIDIA driver was updated: its library and the kernel's half of it are of two versions",
        lambda _: "sudo reboot",
    ),
    Cause(
        "fabric-manager",
        _status(802),
        "bad",
        lambda _: "the GPUs wait for the fabric manager that connects them",
        lambda _: "sudo systemctl restart nvidia-fabricmanager",
    ),
    Cause(
        "compat-driver",
        _status(804),
        "bad",
        lambda _: "a CUDA compatibility package stands before the driver, and this GPU is not one that it is for",
        lambda _: "unset LD_LIBRARY_PATH",
    ),
    Cause(
        "no-module",
        lambda facts: not facts.platform.module and not facts.platform.wsl and facts.platform.system == "linux",
        "bad",
        lambda _: "the kernel's half of the NVIDIA driver is not loaded",
        lambda _: "sudo modprobe nvidia",
    ),
    Cause(
        "driver-fails",
        lambda facts: facts.driver.status not in (0, NO_DEVICE),
        "bad",
        lambda facts: f"the NVIDIA driver does not start (cuInit answers {facts.driver.status})",
        lambda _: "sudo modprobe -r nvidia_uvm && sudo modprobe nvidia_uvm",
    ),
    Cause(
        "no-device",
        lambda _: True,
        "bad",
        lambda _: "the NVIDIA driver finds no device, though there is an NVIDIA GPU",
        lambda _: "sudo nvidia-modprobe -u -c=0",
    ),
)
