"""Load and memory of the GPUs, by NVML; on a box without one there is nothing to say and nothing runs."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

POLL_S = 2.0
_GIB = 1 << 30


@dataclass(frozen=True, kw_only=True)
class Gpu:
    """utilisation: share of the last second in which a kernel ran, in percent. used, total: bytes of its memory."""

    utilisation: int
    used: int
    total: int

    def __str__(self) -> str:
        return f"{self.utilisation}% {self.used / _GIB:.1f}/{self.total / _GIB:.0f} GiB"


def gpu_line(gpus: list[Gpu]) -> str:
    """``GPU 43% 11.2/80 GiB``, numbered where there are several; empty where there is none."""
    if len(gpus) == 1:
        return f"GPU {gpus[0]}"
    return "  ".join(f"GPU{number} {gpu}" for number, gpu in enumerate(gpus))


class GpuMeter:
    """Asks NVML every ``POLL_S`` in a thread of its own. ``line`` is the newest text; ``on_change`` hears of others."""

    def __init__(self, on_change: Callable[[], object]) -> None:
        self.line = ""
        self._on_change = on_change
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._measure, name="ask NVML", daemon=True)

    def start(self) -> None:
        """Begin to measure."""
        self._thread.start()

    def stop(self) -> None:
        """End the thread; a driver that hangs is left behind."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(timeout=0.5)

    def _measure(self) -> None:
        try:
            import pynvml

            pynvml.nvmlInit()
            handles = [pynvml.nvmlDeviceGetHandleByIndex(i) for i in range(pynvml.nvmlDeviceGetCount())]
        except Exception:  # no library, no driver, no GPU, no permission: each has an exception of its own
            return
        while handles and not self._stop.is_set():
            line = gpu_line([found for handle in handles if (found := _read(pynvml, handle)) is not None])
            if line != self.line:
                self.line = line
                self._on_change()
            self._stop.wait(POLL_S)
        pynvml.nvmlShutdown()


def _read(nvml: Any, handle: Any) -> Gpu | None:
    """None where this device does not say (MIG slices have no utilisation)."""
    try:
        rates, memory = nvml.nvmlDeviceGetUtilizationRates(handle), nvml.nvmlDeviceGetMemoryInfo(handle)
    except nvml.NVMLError:
        return None
    return Gpu(utilisation=int(rates.gpu), used=int(memory.used), total=int(memory.total))
