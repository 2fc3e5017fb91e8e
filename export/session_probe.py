"""``python -m export.session_probe``: which provider a real onnxruntime session gets here, as one line of JSON.

A process of its own, since the question can print, crash or hang.
"""

from __future__ import annotations

import json
import os
import re
import sys
import tempfile
from typing import Any

from export.cuda import LOADED_LATER, cuda_major, driver, loads, missing_libraries

_COLOUR = re.compile(r"\x1b\[[0-9;]*m")


def probe() -> dict[str, Any]:
    """What a session that asks for CUDA gets.

    version, available: of onnxruntime, and what it was built with. cuda_major: the CUDA generation that it needs.
    missing: the CUDA libraries that it does not find. cudnn: the one that it loads later is there. providers: what the
    session has. said: onnxruntime's own first line about CUDA, where it does not run.
    """
    import onnxruntime

    available = onnxruntime.get_available_providers()
    answer: dict[str, Any] = {"version": onnxruntime.__version__, "available": available}
    if "CUDAExecutionProvider" in available:
        version = str(getattr(onnxruntime, "cuda_version", "") or "").partition(".")[0]
        answer["cuda_major"] = cuda_major() or (int(version) if version.isdecimal() else None)
        answer["missing"] = missing_libraries()
        answer["cudnn"] = not LOADED_LATER or loads(LOADED_LATER)
        if driver().devices:
            return answer | _on_cuda()
    return answer | {"providers": _providers(["CPUExecutionProvider"])}


def _on_cuda() -> dict[str, Any]:
    answer: dict[str, Any] = {}
    with tempfile.TemporaryFile() as talk:
        before = os.dup(2)
        os.dup2(talk.fileno(), 2)
        try:
            answer["providers"] = _providers(["CUDAExecutionProvider", "CPUExecutionProvider"])
        except Exception as error:  # onnxruntime raises many kinds
            answer["providers"] = _providers(["CPUExecutionProvider"])
            answer["said"] = plain(str(error))
        finally:
            os.dup2(before, 2)
            os.close(before)
        talk.seek(0)
        said = plain(talk.read().decode(errors="replace"))
    return {"said": said, **answer} if said else answer


def plain(said: str) -> str:
    """The first line of what onnxruntime says, without colour, time stamp and the places in its source."""
    line = (_COLOUR.sub("", said).strip().splitlines() or [""])[0]
    for prefix in (r"^\S+ \S+ \[.*?\] ", r"^\S+\.(?:cc|h):\d+ .*?(?=\[ONNXRuntimeError\])"):
        line = re.sub(prefix, "", line)
    return re.sub(r"^\[ONNXRuntimeError\] : \d+ : \w+ : ", "", line)[:300]


def _providers(wanted: list[str]) -> list[str]:
    """What a session has that was asked for ``wanted``, and has run once: a GPU can be too old for every kernel."""
    import numpy as np
    import onnxruntime
    from onnx import TensorProto, helper

    ports = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [1]) for name in "xy"]
    graph = helper.make_graph([helper.make_node("Relu", ["x"], ["y"])], "probe", ports[:1], ports[1:])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10)
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=wanted, enable_fallback=0)
    session.run(["y"], {"x": np.zeros(1, np.float32)})
    found: list[str] = session.get_providers()
    return found


if __name__ == "__main__":
    answer_to = os.dup(1)
    os.dup2(2, 1)  # whatever a library prints is talk
    line = json.dumps(probe()) + "\n"
    os.write(answer_to, line.encode())
    sys.exit(0)
