"""Why there is no CUDA here, found without asking onnxruntime, which would print about it. Standard library only."""

from __future__ import annotations

import contextlib
import ctypes
import functools
import importlib.util
import io
import mmap
import re
import struct
import sys
from pathlib import Path

DRIVER = "nvcuda.dll" if sys.platform == "win32" else "libcuda.so.1"
PROVIDER = "onnxruntime_providers_cuda.dll" if sys.platform == "win32" else "libonnxruntime_providers_cuda.so"
DOCTOR = "run aetrain doctor"


@functools.cache
def why_not_cuda() -> str | None:
    """One short clause that says what onnxruntime lacks for CUDA, or None where nothing is known to be missing.

    Cheap where there is no driver; else loads the CUDA libraries, as onnxruntime itself would do next.
    """
    provider = provider_library()
    if provider is None:
        return f"this onnxruntime is built without CUDA; {DOCTOR}"
    reason = why_no_device()
    if reason:
        return reason
    preload()
    missing = [name for name in needed_libraries(provider) if not _loads(name)]
    return f"{missing[0]} not found; {DOCTOR}" if missing else None


def why_no_device() -> str | None:
    """What the driver says: None where there is a device, else a short clause."""
    try:
        driver = ctypes.CDLL(DRIVER)
        failed = driver.cuInit(0)
    except (OSError, AttributeError):
        return f"no NVIDIA driver ({DRIVER} not found)"
    count = ctypes.c_int(0)
    if failed or driver.cuDeviceGetCount(ctypes.byref(count)):
        return f"no CUDA device (the driver answers {failed or 'with an error'})"
    return None if count.value > 0 else "no CUDA device"


def provider_library() -> Path | None:
    """The CUDA half of the installed onnxruntime, or None where it has none."""
    spec = importlib.util.find_spec("onnxruntime")
    if spec is None or not spec.submodule_search_locations:
        return None
    path = Path(next(iter(spec.submodule_search_locations))) / "capi" / PROVIDER
    return path if path.is_file() else None


def preload() -> None:
    """Load the CUDA libraries from the nvidia wheels, silently; what is missing shows up later."""
    import onnxruntime

    with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(Exception):
        onnxruntime.preload_dlls()


def needed_libraries(path: Path) -> list[str]:
    """The CUDA libraries that an ELF file asks for (its DT_NEEDED entries); none where it is no ELF file.

    Loading the file itself to find out would leave it half initialised for onnxruntime.
    Source: System V ABI, chapter 5 (dynamic section).
    """
    try:
        with open(path, "rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            return [name for name in _needed(data) if re.match(r"libcu|libnv", name)]
    except (OSError, ValueError, OverflowError, struct.error, IndexError):
        return []


def _needed(data: mmap.mmap) -> list[str]:
    if data[:6] != b"\x7fELF\x02\x01":
        return []
    (sections_at,) = struct.unpack_from("<Q", data, 0x28)
    size, count = struct.unpack_from("<HH", data, 0x3A)
    headers = [struct.unpack_from("<IIQQQQIIQQ", data, sections_at + size * i) for i in range(count)]
    names: list[str] = []
    for _, kind, _, _, offset, length, link, *_ in headers:
        if kind != 6:  # SHT_DYNAMIC
            continue
        for tag, value in struct.iter_unpack("<qQ", data[offset : offset + length]):
            if tag == 1:  # DT_NEEDED
                start = headers[link][4] + value
                names.append(data[start : data.find(b"\0", start)].decode())
    return names


def _loads(name: str) -> bool:
    try:
        ctypes.CDLL(name)
    except OSError:
        return False
    return True
