"""Why there is no CUDA here, found without asking onnxruntime, which would print about it. Standard library only.

``python -m export.cuda`` prints what the driver says as JSON: a process of its own, since a driver can crash or hang.
"""

from __future__ import annotations

import contextlib
import ctypes
import dataclasses
import functools
import importlib.util
import json
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from export.elf import needed_libraries
from export.silence import silence

DRIVER = "nvcuda.dll" if sys.platform == "win32" else "libcuda.so.1"
PROVIDER = "onnxruntime_providers_cuda.dll" if sys.platform == "win32" else "libonnxruntime_providers_cuda.so"
DOCTOR = "run aetrain doctor"

NO_DEVICE = 100
"""CUDA_ERROR_NO_DEVICE: the driver is well, and there is nothing that it drives."""

LOADED_LATER = "" if sys.platform == "win32" else "libcudnn.so.9"
"""cuDNN is no DT_NEEDED of onnxruntime's CUDA half, which loads it with the first convolution."""


@dataclass(frozen=True, kw_only=True)
class Device:
    """One GPU. memory_bytes: all of it, in use or not. capability: its CUDA generation, such as ``9.0``."""

    name: str
    memory_bytes: int
    capability: str


@dataclass(frozen=True, kw_only=True)
class Driver:
    """What libcuda answers.

    found: it could be loaded. status: cuInit's answer, 0 where all is well. version: the newest CUDA that it runs, as
    CUDA numbers it (12040 for 12.4), 0 where it did not say. devices: those that ``CUDA_VISIBLE_DEVICES`` lets through.
    """

    found: bool = False
    status: int = 0
    version: int = 0
    devices: tuple[Device, ...] = ()


@functools.cache
def why_not_cuda() -> str | None:
    """One short clause that says what onnxruntime lacks for CUDA, or None where nothing is known to be missing.

    Cheap where there is no driver; else loads the CUDA libraries, as onnxruntime itself would do next.
    """
    if provider_library() is None:
        return f"this onnxruntime is built without CUDA; {DOCTOR}"
    reason = why_no_device()
    if reason:
        return reason
    missing = missing_libraries()
    return f"{missing[0]} not found; {DOCTOR}" if missing else None


def why_no_device() -> str | None:
    """What the driver says: None where there is a device, else a short clause."""
    found = driver()
    if not found.found:
        return f"no NVIDIA driver ({DRIVER} not found)"
    if found.status:
        return f"no CUDA device (the driver answers {found.status})"
    return None if found.devices else "no CUDA device"


def driver() -> Driver:
    """Ask libcuda, which is loaded into this process. Source: CUDA driver API, sections 6.2 to 6.5."""
    try:
        library = ctypes.CDLL(DRIVER)
        status = library.cuInit(0)
    except (OSError, AttributeError):
        return Driver()
    version, count = ctypes.c_int(0), ctypes.c_int(0)
    with contextlib.suppress(AttributeError):
        library.cuDriverGetVersion(ctypes.byref(version))
        if not status:
            status = library.cuDeviceGetCount(ctypes.byref(count))
    devices = tuple(_device(library, index) for index in range(0 if status else count.value))
    return Driver(found=True, status=status, version=version.value, devices=devices)


def provider_library() -> Path | None:
    """The CUDA half of the installed onnxruntime, or None where it has none."""
    spec = importlib.util.find_spec("onnxruntime")
    if spec is None or not spec.submodule_search_locations:
        return None
    path = Path(next(iter(spec.submodule_search_locations))) / "capi" / PROVIDER
    return path if path.is_file() else None


def cuda_major() -> int | None:
    """The CUDA generation that the installed onnxruntime is built for, from the libraries it needs; None: unknown."""
    return major_of(needed_libraries(provider_library() or Path()))


def major_of(libraries: list[str]) -> int | None:
    """13 for a list with ``libcudart.so.13`` or ``libcublas.so.13``; None where neither is in it."""
    found = [re.fullmatch(r"lib(?:cudart|cublas(?:Lt)?)\.so\.(\d+)", name) for name in libraries]
    return next((int(match[1]) for match in found if match), None)


def missing_libraries() -> list[str]:
    """The CUDA libraries that onnxruntime asks for and that cannot be loaded; the driver itself is not among them."""
    needed = [name for name in needed_libraries(provider_library() or Path()) if re.match(r"libcu|libnv", name)]
    preload()
    return [name for name in needed if name != DRIVER and not loads(name)]


def preload() -> None:
    """Load the CUDA libraries from the nvidia wheels, silently; what is missing shows up later."""
    with silence(), contextlib.suppress(Exception):
        import onnxruntime

        onnxruntime.preload_dlls()


def loads(name: str) -> bool:
    """True where the shared library ``name`` is loaded, or can be."""
    try:
        ctypes.CDLL(name)
    except OSError:
        return False
    return True


def _device(library: Any, index: int) -> Device:
    """A device's name, memory and capability; empty and zero where the driver does not say."""
    name, memory, numbers = ctypes.create_string_buffer(256), ctypes.c_size_t(0), (ctypes.c_int(0), ctypes.c_int(0))
    device = ctypes.c_int(0)
    with contextlib.suppress(AttributeError):
        library.cuDeviceGet(ctypes.byref(device), index)
        library.cuDeviceGetName(name, len(name), device)
        library.cuDeviceTotalMem_v2(ctypes.byref(memory), device)
        # CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR and _MINOR
        for attribute, number in zip((75, 76), numbers, strict=True):
            library.cuDeviceGetAttribute(ctypes.byref(number), attribute, device)
    return Device(
        name=name.value.decode(errors="replace"),
        memory_bytes=memory.value,
        capability=".".join(str(number.value) for number in numbers),
    )


if __name__ == "__main__":
    print(json.dumps(dataclasses.asdict(driver())))
