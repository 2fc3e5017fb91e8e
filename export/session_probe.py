"""``python -m export.session_probe``: which provider a real onnxruntime session gets here, as one line of JSON.

A process of its own, since the question can print, crash or hang.
"""

from __future__ import annotations

import ctypes
import json
import os
import sys
import tempfile
from typing import Any

from export.cuda import DRIVER, preload, why_no_device, why_not_cuda


def probe() -> dict[str, Any]:
    """What a session that asks for CUDA gets.

    available: what onnxruntime was built with. providers: what the session has. no_device, no_cuda: why not, or None.
    driver, devices: where there is a driver. said: onnxruntime's own first line about it.
    """
    import onnxruntime

    answer: dict[str, Any] = {
        "version": onnxruntime.__version__,
        "available": onnxruntime.get_available_providers(),
        "no_device": why_no_device(),
        "no_cuda": why_not_cuda(),
    }
    if answer["no_device"] is None:
        answer |= _driver()
    preload()
    wanted = [name for name in ("CUDAExecutionProvider",) if name in answer["available"] and not answer["no_device"]]
    with tempfile.TemporaryFile() as talk:
        before = os.dup(2)
        os.dup2(talk.fileno(), 2)
        try:
            answer["providers"] = _providers([*wanted, "CPUExecutionProvider"])
        except Exception as error:  # onnxruntime raises many kinds
            answer["providers"] = _providers(["CPUExecutionProvider"])
            answer["said"] = str(error).strip().splitlines()[0][:300]
        finally:
            os.dup2(before, 2)
        talk.seek(0)
        lines = talk.read().decode(errors="replace").strip().splitlines()
    if lines:
        answer.setdefault("said", lines[0][:300])
    return answer


def _providers(wanted: list[str]) -> list[str]:
    import onnxruntime
    from onnx import TensorProto, helper

    ports = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [1]) for name in "xy"]
    graph = helper.make_graph([helper.make_node("Relu", ["x"], ["y"])], "probe", ports[:1], ports[1:])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10)
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=wanted, enable_fallback=0)
    found: list[str] = session.get_providers()
    return found


def _driver() -> dict[str, Any]:
    driver = ctypes.CDLL(DRIVER)
    version, devices = ctypes.c_int(0), ctypes.c_int(0)
    driver.cuDriverGetVersion(ctypes.byref(version))
    driver.cuDeviceGetCount(ctypes.byref(devices))
    return {"driver": f"{version.value // 1000}.{version.value % 1000 // 10}", "devices": devices.value}


if __name__ == "__main__":
    answer_to = os.dup(1)
    os.dup2(2, 1)  # whatever a library prints is talk
    line = json.dumps(probe()) + "\n"
    os.write(answer_to, line.encode())
    sys.exit(0)
