"""What kind of box this is: hardware, container, Windows underneath, and what wheels there are for it."""

from __future__ import annotations

import contextlib
import os
import platform
import re
import sys
from collections.abc import Mapping
from pathlib import Path

from export.doctor.facts import Platform

CUDA_PYTHONS = ((3, 11), (3, 14))
"""The oldest and the newest Python that onnxruntime-gpu 1.31 has wheels for."""

CUDA_GLIBC = (2, 28)
"""Its wheels are manylinux_2_28."""


def this_platform(root: Path = Path("/"), environment: Mapping[str, str] = os.environ) -> Platform:
    """This box. root: where its /dev, /sys, /proc and /etc are."""
    wsl = _wsl(root)
    windows_driver = (root / "usr/lib/wsl/lib/libcuda.so.1").exists()
    return Platform(
        system=sys.platform,
        machine=platform.machine(),
        libc=_libc(root),
        python=sys.version_info[:2],
        distribution=_distribution(root),
        # /dev/dxg is there for any maker's GPU; the driver that Windows lends is NVIDIA's own.
        gpu=windows_driver if wsl else nvidia_hardware(root),
        module=(root / "proc/driver/nvidia/version").exists(),
        wsl=wsl,
        windows_driver=bool(wsl) and windows_driver,
        container=_container(root, environment),
        slurm="SLURM_JOB_ID" in environment or (root / "etc/slurm").is_dir(),
    )


def nvidia_hardware(root: Path = Path("/")) -> bool:
    """True where an NVIDIA display device is on the PCI bus, or the kernel module has made its files in /dev."""
    if (root / "dev/nvidiactl").exists():
        return True
    for folder in (root / "sys/bus/pci/devices").glob("*"):
        try:
            vendor, kind = (folder / "vendor").read_text().strip(), (folder / "class").read_text()
        except OSError:
            continue
        if vendor == "0x10de" and kind.startswith("0x03"):
            return True
    return False


def no_cuda_wheel(box: Platform) -> tuple[str, str] | None:
    """(what rules it out, in one word; for whom there is no wheel of onnxruntime-gpu), or None where there is one."""
    oldest, newest = CUDA_PYTHONS
    glibc = re.fullmatch(r"glibc (\d+)\.(\d+).*", box.libc)
    if box.system == "darwin":
        return "macos", "macOS"
    if box.system not in ("linux", "win32") or box.machine.lower() not in ("x86_64", "amd64"):
        return "machine", f"{box.machine} {'Linux' if box.system == 'linux' else box.system}"
    if box.system == "linux" and box.libc == "musl":
        return "musl", "musl (Alpine)"
    if glibc and (int(glibc[1]), int(glibc[2])) < CUDA_GLIBC:
        return "glibc", f"{box.libc} (it needs {CUDA_GLIBC[0]}.{CUDA_GLIBC[1]})"
    if not oldest <= box.python <= newest:
        return "python", f"Python {box.python[0]}.{box.python[1]}"
    return None


def _libc(root: Path) -> str:
    if sys.platform != "linux":
        return ""
    with contextlib.suppress(ValueError, OSError):
        if name := os.confstr("CS_GNU_LIBC_VERSION"):
            return name
    return "musl" if any((root / "lib").glob("ld-musl-*")) else ""


def _distribution(root: Path) -> tuple[str, ...]:
    try:
        text = (root / "etc/os-release").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ()
    values = dict(re.findall(r'^(ID|ID_LIKE)="?([^"\n]*)"?$', text, re.MULTILINE))
    return (*values.get("ID", "").split(), *values.get("ID_LIKE", "").split())


def _wsl(root: Path) -> int:
    try:
        kernel = (root / "proc/version").read_text(errors="replace")
    except OSError:
        return 0
    # WSL 1 names itself …-Microsoft and has no kernel of its own; WSL 2 is …-microsoft-standard-WSL2.
    return 2 if "microsoft-standard" in kernel or "WSL2" in kernel else int("Microsoft" in kernel)


def _container(root: Path, environment: Mapping[str, str]) -> str:
    if "KUBERNETES_SERVICE_HOST" in environment:
        return "kubernetes"
    if "APPTAINER_CONTAINER" in environment or "SINGULARITY_CONTAINER" in environment:
        return "apptainer"
    if (root / "run/.containerenv").exists():
        return "podman"
    if (root / ".dockerenv").exists():
        return "docker"
    return environment.get("container", "")
