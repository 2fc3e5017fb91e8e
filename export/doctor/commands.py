"""The commands that mend things: one line each, to be copied as it is; it keeps the versions there are where it can."""

from __future__ import annotations

import shlex
import shutil
import sys
from importlib import metadata
from pathlib import Path

from export.doctor.facts import Facts, Platform
from export.doctor.platforms import no_cuda_wheel

CUDA_13 = ">=1.31,<2"
CUDA_12 = ">=1.21,<1.27"
"""PyPI's onnxruntime-gpu is built for CUDA 13 since 1.27, and for CUDA 12 before; preload_dlls came with 1.21."""

TORCH = '"torch>=2.10,<2.14"'

BY_HAND = "# NVIDIA's driver, 580 or newer, is at https://www.nvidia.com/drivers"

_TORCH_TAGS = {12: "cu126", 13: "cu130"}
"""The oldest CUDA of each generation that torch has wheels for: it asks least of the driver."""


def pip_command() -> str:
    """How the pip of this very environment is called: ``python`` may be another one's, and there may be no pip yet."""
    found = shutil.which("python")
    ours = found is not None and Path(found).parent == Path(sys.executable).parent
    python = "python" if ours or not sys.executable else shlex.quote(sys.executable)
    # Asked of the metadata: setuptools answers importlib for pip by turning distutils out of this process.
    there = any(True for _ in metadata.distributions(name="pip"))
    fetched = "" if there else f"{python} -m ensurepip && "
    return f"{fetched}{python} -m pip"


def install_onnxruntime(facts: Facts) -> str:
    """The onnxruntime that fits this box: with CUDA and its libraries where there is a GPU, else without."""
    box = facts.platform
    if box.libc == "musl":
        return "apk add py3-onnxruntime"
    if no_cuda_wheel(box):
        return f'{facts.pip} install "onnxruntime>=1.23,<2"'
    if not facts.gpu:
        return f'{facts.pip} install "onnxruntime-gpu{CUDA_13}"'
    return install_cuda(facts, CUDA_12 if facts.driver_cuda == 12 else CUDA_13)


def install_cuda(facts: Facts, versions: str) -> str:
    """onnxruntime-gpu of these versions with the CUDA libraries; the extra cuda alone lacks cuBLAS, cudnn brings it."""
    return f'{facts.pip} install "onnxruntime-gpu[cuda,cudnn]{versions}"'


def add_cuda_libraries(facts: Facts) -> str:
    """The CUDA libraries for the onnxruntime-gpu that is there."""
    version = facts.packages.get("onnxruntime-gpu")
    return install_cuda(facts, f"=={version}" if version else CUDA_13)


def reinstall_onnxruntime(facts: Facts) -> str:
    """The same version once more, and nothing else: what it needs stays as it is."""
    if len(facts.packages) != 1:
        return install_onnxruntime(facts) + " --force-reinstall --no-deps"
    ((name, version),) = facts.packages.items()
    return f'{facts.pip} install --force-reinstall --no-deps "{name}=={version}"'


def replace_onnxruntime(facts: Facts) -> str:
    """Every distribution of onnxruntime away, then the right one: they share one folder, and any removal empties it."""
    return f"{facts.pip} uninstall -y {' '.join(sorted(facts.packages))} && {install_onnxruntime(facts)}"


def install_torch(facts: Facts, cuda: int) -> str:
    """torch for a CUDA generation, in the version that is there; by its full name, or pip thinks that it has it."""
    tag = _TORCH_TAGS[cuda]
    version = str(facts.torch.get("version") or "").partition("+")[0]
    wanted = f'"torch=={version}+{tag}"' if version else TORCH
    return f"{facts.pip} install {wanted} --index-url https://download.pytorch.org/whl/{tag}"


def reinstall_torch(facts: Facts) -> str:
    """The same torch once more; its wheel comes from where the tag in its version says."""
    version = str(facts.torch.get("version") or "")
    tag = version.partition("+")[2]
    index = f" --index-url https://download.pytorch.org/whl/{tag}" if tag else ""
    wanted = f'"torch=={version}"' if version else TORCH
    return f"{facts.pip} install --force-reinstall --no-deps {wanted}{index}"


def install_driver(box: Platform) -> str:
    """NVIDIA's driver, by the distribution's own means; where we know none, where to get it."""
    for name, command in _DRIVERS.items():
        if name in box.distribution:
            return command
    return BY_HAND


def lend_gpu(box: Platform) -> str:
    """How whoever starts this container lets it have the GPU."""
    return _CONTAINERS.get(box.container, _CONTAINERS["docker"])


_DRIVERS = {
    "ubuntu": "sudo ubuntu-drivers install",
    "debian": "sudo apt-get install -y nvidia-driver",
    "fedora": "sudo dnf install -y akmod-nvidia",
    "rhel": "sudo dnf module install -y nvidia-driver:latest-dkms",
    "arch": "sudo pacman -S --needed nvidia-open",
}

_CONTAINERS = {
    "docker": "docker run --gpus all IMAGE",
    "podman": "podman run --device nvidia.com/gpu=all IMAGE",
    "apptainer": "apptainer exec --nv IMAGE COMMAND",
    "kubernetes": "kubectl set resources deployment NAME --limits=nvidia.com/gpu=1",
}
