"""Packages that stand before the installed ones on the path: what is broken on other boxes, here."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ..elf_files import elf_file
from ..fake_torch import write_torch

_ONNXRUNTIME = """
__version__ = "1.31.1"
class InferenceSession:
    def __init__(self, graph, options=None, providers=(), **kwargs): self.providers = providers
    def run(self, outputs, inputs):
        {run}
    def get_providers(self): return {providers}
def get_available_providers(): return ["CUDAExecutionProvider", "CPUExecutionProvider"]
def preload_dlls(): print("Failed to load everything")
"""


@pytest.fixture
def packages(tmp_path: Path) -> Path:
    """A folder for packages that come before all others; ``doctor`` puts it on the path."""
    folder = tmp_path / "packages"
    folder.mkdir()
    return folder


@pytest.fixture
def distribution(packages: Path) -> Callable[[str, str], None]:
    """Make a distribution known that brings nothing: ``distribution("onnxruntime", "1.32.0")``."""

    def install(name: str, version: str) -> None:
        folder = packages / f"{name.replace('-', '_')}-{version}.dist-info"
        folder.mkdir()
        (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")

    return install


@pytest.fixture
def onnxruntime(packages: Path, distribution: Callable[[str, str], None]) -> Callable[..., None]:
    """Install an onnxruntime-gpu that needs these libraries; providers and run: what its sessions do, as code."""

    def install(needed: list[str], providers: str = "['CPUExecutionProvider']", *, run: str = "pass") -> None:
        distribution("onnxruntime-gpu", "1.31.1")
        (packages / "onnxruntime/capi").mkdir(parents=True)
        code = _ONNXRUNTIME.format(providers=providers, run=run)
        (packages / "onnxruntime/__init__.py").write_text(code)
        (packages / "onnxruntime/capi/libonnxruntime_providers_cuda.so").write_bytes(elf_file(needed))

    return install


@pytest.fixture
def torch(packages: Path) -> Callable[..., None]:
    """Install a torch of this version, for this CUDA, that finds this device."""

    def install(version: str, cuda: str | None, device: str | None = None) -> None:
        write_torch(packages, version, cuda, device)

    return install


@pytest.fixture
def doctor(packages: Path, tmp_path: Path) -> Callable[..., Any]:
    """``aetrain doctor --json`` as it is called: (exit code, answer)."""

    def run(environment: dict[str, str] | None = None, *arguments: str) -> tuple[int, dict[str, Any]]:
        command = [str(Path(sys.executable).parent / "aetrain"), "doctor", *arguments, "--json"]
        env = {**(environment or os.environ), "PYTHONPATH": str(packages)}
        done = subprocess.run(
            command, env=env, cwd=tmp_path, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False
        )
        assert done.stderr == ""
        return done.returncode, json.loads(done.stdout)

    return run
