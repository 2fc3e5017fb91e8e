"""What the status bar says of the GPUs."""

from __future__ import annotations

import sys
import threading
import time
from types import SimpleNamespace
from typing import Any

import pytest

from aetui.gpu import Gpu, GpuMeter, gpu_line

GIB = 1 << 30


def test_one_gpu_has_no_number_several_have() -> None:
    one = Gpu(utilisation=43, used=int(11.2 * GIB), total=80 * GIB)
    assert gpu_line([]) == ""
    assert gpu_line([one]) == "GPU 43% 11.2/80 GiB"
    assert gpu_line([one, one]) == "GPU0 43% 11.2/80 GiB  GPU1 43% 11.2/80 GiB"


def nvml(*, devices: int, refuses: bool = False) -> Any:
    """A stand-in for the driver's library."""

    class NVMLError(Exception):
        pass

    def rates(handle: int) -> Any:
        if refuses:
            raise NVMLError
        return SimpleNamespace(gpu=7)

    return SimpleNamespace(
        NVMLError=NVMLError,
        nvmlInit=lambda: None,
        nvmlShutdown=lambda: None,
        nvmlDeviceGetCount=lambda: devices,
        nvmlDeviceGetHandleByIndex=lambda index: index,
        nvmlDeviceGetUtilizationRates=rates,
        nvmlDeviceGetMemoryInfo=lambda handle: SimpleNamespace(used=GIB, total=2 * GIB),
    )


def test_the_meter_tells_once_for_each_change(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pynvml", nvml(devices=1))
    monkeypatch.setattr("aetui.gpu.POLL_S", 0.001)
    told: list[str] = []
    seen = threading.Event()

    def hear() -> None:
        told.append(meter.line)
        seen.set()

    meter = GpuMeter(hear)
    meter.start()
    assert seen.wait(10)
    time.sleep(0.05)
    meter.stop()
    assert told == ["GPU 7% 1.0/2 GiB"]


@pytest.mark.parametrize("library", [nvml(devices=0), nvml(devices=1, refuses=True), None], ids=["none", "mig", "no"])
def test_where_there_is_nothing_to_say_nothing_is_said(monkeypatch: pytest.MonkeyPatch, library: Any) -> None:
    monkeypatch.setitem(sys.modules, "pynvml", library)
    meter = GpuMeter(lambda: pytest.fail("nothing changed"))
    meter.start()
    time.sleep(0.05)
    meter.stop()
    assert meter.line == ""
