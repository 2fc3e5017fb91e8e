"""What the doctor knows about a box before any judgement."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from export.cuda import Driver


@dataclass(frozen=True, kw_only=True)
class Platform:
    """What decides whether there can be CUDA at all.

    system: ``linux``, ``darwin`` or ``win32``. machine: as the system spells it. libc: ``glibc 2.36`` or ``musl``, on
    Linux. python: version of the interpreter. distribution: the names that /etc/os-release gives, its own first.
    gpu: an NVIDIA device is on the PCI bus or in /dev. module: the kernel's half of the driver is loaded.
    wsl: 0 where this is no Windows Subsystem for Linux, else 1 or 2; windows_driver: Windows lends it libcuda.
    container: what runs it (``docker``, ``podman``, …), empty outside. slurm: Slurm deals out this machine's devices.
    """

    system: str = "linux"
    machine: str = "x86_64"
    libc: str = "glibc 2.36"
    python: tuple[int, int] = (3, 11)
    distribution: tuple[str, ...] = ()
    gpu: bool = False
    module: bool = False
    wsl: int = 0
    windows_driver: bool = False
    container: str = ""
    slurm: bool = False


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What was found.

    pip: how this environment's pip is called. visible: ``CUDA_VISIBLE_DEVICES``, None where it is not set. driver: what
    libcuda answers; unmasked: how many devices it has without that variable. driver_error: its process gave no answer.
    packages: distributions that bring the module ``onnxruntime``, with their versions. session, torch: the answers of
    ``export.session_probe`` and of torch; ``{"error": …}`` where there was none.
    """

    platform: Platform = field(default_factory=Platform)
    pip: str = "python -m pip"
    visible: str | None = None
    driver: Driver = field(default_factory=Driver)
    unmasked: int = 0
    driver_error: str = ""
    packages: dict[str, str] = field(default_factory=dict)
    session: dict[str, Any] = field(default_factory=dict)
    torch: dict[str, Any] = field(default_factory=dict)

    @property
    def gpu(self) -> bool:
        """There is an NVIDIA GPU, whether it can be used or not."""
        return bool(self.platform.gpu or self.unmasked or self.driver.devices)

    @property
    def driver_cuda(self) -> int:
        """The newest CUDA generation that the driver runs; 0 where it did not say."""
        return self.driver.version // 1000

    @property
    def onnxruntime_cuda(self) -> int:
        """The CUDA generation that onnxruntime is built for; 0 where it is built without, or nobody knows."""
        return int(self.session.get("cuda_major") or 0)

    @property
    def torch_cuda(self) -> int:
        """The CUDA generation that torch is built for; 0 where it is built without."""
        return int(str(self.torch.get("cuda") or "0").partition(".")[0])

    @property
    def capability(self) -> tuple[int, int]:
        """The CUDA generation of the newest GPU in use, (0, 0) where there is none or the driver does not say."""
        found = [tuple(map(int, device.capability.split("."))) for device in self.driver.devices]
        return max(((major, minor) for major, minor in found), default=(0, 0))

    @property
    def missing(self) -> list[str]:
        """CUDA libraries that onnxruntime asks for and does not find."""
        return list(self.session.get("missing", []))
