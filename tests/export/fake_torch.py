"""A torch that is imported at once and answers what the doctor asks: the real one takes a second and a half."""

from __future__ import annotations

from pathlib import Path

_TORCH = """
from types import SimpleNamespace
__version__ = {version!r}
version = SimpleNamespace(cuda={cuda!r})
def _init(): raise RuntimeError("CUDA error 46: devices are busy")
cuda = SimpleNamespace(
    is_available=lambda: {device!r} is not None, get_device_name=lambda index: {device!r}, device_count=lambda: 1,
    init=_init,
)
"""


def write_torch(folder: Path, version: str = "2.13.0+cpu", cuda: str | None = None, device: str | None = None) -> None:
    """Put the package, of this version, for this CUDA, with this GPU, into ``folder``, for who has that on its path."""
    package = folder / "torch"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text(_TORCH.format(version=version, cuda=cuda, device=device))
    (package / "version.py").write_text(f"__version__ = {version!r}\ncuda: str | None = {cuda!r}\n")
