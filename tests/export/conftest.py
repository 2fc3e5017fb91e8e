"""Small networks of the shapes that are trained, with fixed weights."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from export.layers import Affine, Heads
from export.manifest import file_table
from export.write import Subject, export_bundle

KINDS = ("undercomplete", "sparse", "variational", "lecture", "points")


@dataclass(frozen=True)
class Networks:
    encoder: nn.Module
    decoder: nn.Module
    image_shape: tuple[int, int, int]
    latent_dim: int

    def images(self, count: int = 256) -> np.ndarray:
        random = np.random.default_rng(7)
        return random.random((count, *self.image_shape), dtype=np.float32)


def networks(kind: str) -> Networks:
    """The networks of ``kind``; the same weights in every process."""
    torch.manual_seed(3)
    shape = (1, 1, 2) if kind == "points" else (1, 8, 8)
    pixels = shape[1] * shape[2]
    latent = pixels if kind == "sparse" else 3
    hidden = {"lecture": (32, 16, 6), "sparse": ()}.get(kind, (24, 12))
    lecture = kind == "lecture"
    widths = (pixels, *hidden)
    heads: dict[str, nn.Module] = {"latent": nn.Linear(widths[-1], latent)}
    if kind == "sparse":
        heads = {"latent": nn.Sequential(nn.Linear(widths[-1], latent), nn.ReLU())}
    if kind == "variational":
        heads = {"mean": nn.Linear(widths[-1], latent), "log_variance": nn.Linear(widths[-1], latent)}
    front = [Affine(2, -1)] if lecture else []
    encoder = nn.Sequential(*front, nn.Flatten(), *_dense(widths), Heads(heads))
    mirror = (latent, *reversed(hidden))
    squash = [nn.Tanh(), Affine(0.5, 0.5)] if lecture else [nn.Sigmoid()]
    body = nn.Sequential(*_dense(mirror), nn.Linear(mirror[-1], pixels))
    output = nn.Sequential(*squash, nn.Unflatten(1, shape))
    return Networks(encoder, nn.Sequential(OrderedDict(body=body, output=output)), shape, latent)


def subject(kind: str, folder: Path, **changes: Any) -> Subject:
    """What is exported in the tests; ``folder`` gets its probe images."""
    built = networks(kind)
    probe = folder / "probe.npz"
    images = built.images()
    np.savez_compressed(
        probe, images=(images[:64] * 255).astype(np.uint8), labels=np.arange(64) % 10, index=np.arange(64)
    )
    given: dict[str, Any] = {
        "name": f"run-{kind}",
        "variant": "denoising" if kind in ("lecture", "points") else kind,
        "arch": "lecture" if kind == "lecture" else "mlp",
        "data": "digits",
        "step": 400,
        "encoder": built.encoder,
        "decoder": built.decoder,
        "image_shape": built.image_shape,
        "latent_dim": built.latent_dim,
        "images": images,
        "image_sources": {"test": 180, "training": 76},
        "probe": probe,
        "test_mse": 0.0123,
        "metrics": {"run": f"run-{kind}", "mse": 0.0123, "noise_sweep": [{"level": 0.5}]},
    }
    return Subject(**{**given, **changes})


def _dense(widths: tuple[int, ...]) -> list[nn.Module]:
    return [layer for a, b in pairwise(widths) for layer in (nn.Linear(a, b), nn.ReLU())]


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def make_networks() -> Callable[[str], Networks]:
    return networks


@pytest.fixture
def make_subject(tmp_path: Path) -> Callable[..., Subject]:
    return lambda kind="variational", **changes: subject(kind, tmp_path, **changes)


@pytest.fixture
def bundle(tmp_path: Path, make_subject: Callable[..., Subject]) -> Path:
    """A verified bundle of a variational run."""
    export_bundle(make_subject(), tmp_path / "bundle")
    return tmp_path / "bundle"


@pytest.fixture
def forge() -> Callable[[Path, str, bytes], None]:
    """Replace a file of a bundle and make the manifest agree, as somebody who means harm would."""

    def replace(folder: Path, name: str, content: bytes) -> None:
        (folder / name).write_bytes(content)
        manifest = json.loads((folder / "manifest.json").read_text())
        manifest["files"].update(file_table([(name, content)]))
        text = json.dumps(manifest)
        (folder / "manifest.json").write_text(text)
        table = {**manifest["files"], **file_table([("manifest.json", text.encode())])}
        lines = [f"{entry['sha256']}  {file}\n" for file, entry in sorted(table.items())]
        (folder / "SHA256SUMS").write_text("".join(lines))

    return replace


_DRIVER = """
#include <stdlib.h>
#include <string.h>
static int hidden(void) { const char *mask = getenv("CUDA_VISIBLE_DEVICES"); return mask && (!*mask || *mask == '-'); }
int cuInit(unsigned flags) { return STATUS ? STATUS : (hidden() ? 100 : 0); }
int cuDriverGetVersion(int *version) { *version = VERSION; return 0; }
int cuDeviceGetCount(int *count) { *count = DEVICES; return 0; }
int cuDeviceGet(int *device, int index) { *device = index; return 0; }
int cuDeviceGetName(char *name, int size, int device) { strncpy(name, "Fake GPU", size); return 0; }
int cuDeviceTotalMem_v2(size_t *bytes, int device) { *bytes = (size_t)80 << 30; return 0; }
int cuDeviceGetAttribute(int *value, int attribute, int device) { *value = attribute == 75 ? 9 : 0; return 0; }
"""


@pytest.fixture
def fake_driver(tmp_path: Path) -> Callable[..., dict[str, str]]:
    """An environment whose libcuda is a stub that answers as it is told; libraries: CUDA 13 is there, and empty."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        pytest.skip("needs a C compiler: apt install gcc")

    def build(*, status: int = 0, version: int = 13000, devices: int = 1, libraries: bool = False) -> dict[str, str]:
        folder = tmp_path / f"driver-{status}-{version}-{devices}-{libraries}"
        folder.mkdir(exist_ok=True)
        numbers = [f"-DSTATUS={status}", f"-DVERSION={version}", f"-DDEVICES={devices}"]
        _library(compiler, folder / "libcuda.so.1", _DRIVER, *numbers)
        names = ("cublasLt.so.13", "cublas.so.13", "curand.so.10", "cudart.so.13", "cudnn.so.9")
        for name in names if libraries else ():
            _library(compiler, folder / f"lib{name}", "int empty;")
        return {**os.environ, "LD_LIBRARY_PATH": str(folder)}

    return build


def _library(compiler: str, path: Path, code: str, *options: str) -> None:
    command = [compiler, "-shared", "-fPIC", "-x", "c", *options, "-", "-o", str(path)]
    subprocess.run(command, input=code, text=True, check=True)


_WRAPPER = """
import os, sys
here = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
before = list(sys.path)
sys.path[:] = [entry for entry in before if os.path.abspath(entry or ".") != here]
del sys.modules["onnxruntime"]
import onnxruntime
sys.path[:] = before
"""


@pytest.fixture
def changed_onnxruntime(tmp_path: Path) -> Callable[[str], dict[str, str]]:
    """What to add to the environment for the real onnxruntime plus some code that runs after its import."""
    import onnxruntime

    def change(code: str) -> dict[str, str]:
        folder = tmp_path / "changed" / "onnxruntime"
        folder.mkdir(parents=True)
        (folder / "__init__.py").write_text(_WRAPPER + code)
        (folder / "capi").symlink_to(Path(onnxruntime.__file__).parent / "capi")
        return {"PYTHONPATH": str(folder.parent)}

    return change
