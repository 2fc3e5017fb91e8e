"""The runtimes in which a bundle can be verified: each takes the bytes of a graph and becomes a function.

No torch. Each is imported when a graph is opened in it, computes on the CPU in one thread, and in float32 where it may
choose. Some print, and some end the process on a graph that they do not like: that is for ``export.verify``, which
gives each a process of its own.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from export.errors import ToolError, unknown
from export.runtime import open_session

Array = npt.NDArray[Any]
Run = Callable[[Mapping[str, Array]], list[Array]]
"""Inputs by name → the outputs that were asked for, in that order."""

ALL = "all"
"""Stands for every runtime that is installed."""


@dataclass(frozen=True, kw_only=True)
class Runtime:
    """One way to compute a graph."""

    name: str
    module: str
    """What is imported."""
    package: str
    """What pip installs."""
    open: Callable[[bytes, Sequence[str]], Run]
    """Graph and names of its outputs → what computes them. Raises whatever the runtime raises."""
    empty_batch: bool = False
    """Takes a batch of no images, with every layer of ours. OpenCV 5.0 ends the process at an empty convolution, and
    onnx.reference cannot flatten nothing."""

    def is_installed(self) -> bool:
        """Looks for the module; imports nothing."""
        return self.module in sys.modules or importlib.util.find_spec(self.module) is not None

    def version(self) -> str:
        """What the runtime says of itself. Raises what its import raises."""
        module: Any = importlib.import_module(self.module)
        found = module.version() if self.module == "tract" else module.__version__
        return str(found).partition("-")[0]


def _open_onnxruntime(graph: bytes, outputs: Sequence[str]) -> Run:
    session = open_session(graph, ["CPUExecutionProvider"])
    return lambda given: [np.asarray(value) for value in session.run(list(outputs), dict(given))]


def _open_reference(graph: bytes, outputs: Sequence[str]) -> Run:
    from onnx.reference import ReferenceEvaluator

    evaluator = ReferenceEvaluator(graph)

    def run(given: Mapping[str, Array]) -> list[Array]:
        with np.errstate(all="ignore"):  # exp overflows in its sigmoid, harmlessly
            return [np.asarray(value) for value in evaluator.run(list(outputs), dict(given))]

    return run


def _open_openvino(graph: bytes, outputs: Sequence[str]) -> Run:
    openvino: Any = importlib.import_module("openvino")
    core = openvino.Core()
    # On a processor that has them it would compute in bfloat16, which is not what the vectors were made with.
    settings = {"INFERENCE_PRECISION_HINT": "f32", "INFERENCE_NUM_THREADS": "1"}
    model = core.compile_model(core.read_model(graph), "CPU", settings)
    ports = [model.output(name) for name in outputs]

    def run(given: Mapping[str, Array]) -> list[Array]:
        answer = model(dict(given))
        return [np.array(answer[port]) for port in ports]

    return run


def _open_opencv(graph: bytes, outputs: Sequence[str]) -> Run:
    cv2: Any = importlib.import_module("cv2")
    cv2.setNumThreads(1)
    net = cv2.dnn.readNetFromONNX(np.frombuffer(graph, np.uint8))
    _, every = _ports(graph)  # it gives all of them or none

    def run(given: Mapping[str, Array]) -> list[Array]:
        for name, value in given.items():
            net.setInput(np.ascontiguousarray(value), name)
        answer = dict(zip(every, net.forward(every), strict=True))
        return [np.array(answer[name]) for name in outputs]

    return run


def _open_tract(graph: bytes, outputs: Sequence[str]) -> Run:
    tract: Any = importlib.import_module("tract")
    with tempfile.TemporaryDirectory() as folder:  # it reads files only
        path = Path(folder) / "graph.onnx"
        path.write_bytes(graph)
        model = tract.onnx().load(path)
    runnable = model.into_model().into_runnable()
    # It knows inputs and outputs by their places; the names that it has are those of nodes.
    inputs, every = _ports(graph)

    def run(given: Mapping[str, Array]) -> list[Array]:
        answer = runnable.run([np.ascontiguousarray(given[name]) for name in inputs])
        return [answer[every.index(name)].to_numpy() for name in outputs]

    return run


def _ports(graph: bytes) -> tuple[list[str], list[str]]:
    """The names of a graph's inputs and outputs, in their order."""
    import onnx

    described = onnx.load_model_from_string(graph).graph
    return [port.name for port in described.input], [port.name for port in described.output]


RUNTIMES = {
    runtime.name: runtime
    for runtime in (
        Runtime(name="ort", module="onnxruntime", package="onnxruntime", open=_open_onnxruntime, empty_batch=True),
        Runtime(name="reference", module="onnx", package="onnx", open=_open_reference),
        Runtime(name="openvino", module="openvino", package="openvino", open=_open_openvino, empty_batch=True),
        Runtime(name="opencv", module="cv2", package="opencv-python-headless", open=_open_opencv),
        Runtime(name="tract", module="tract", package="tract", open=_open_tract, empty_batch=True),
    )
}
"""By name: onnxruntime, ONNX's own reference in numpy, OpenVINO, OpenCV's dnn, tract."""


def find_runtimes(names: Sequence[str]) -> list[Runtime]:
    """The runtimes called ``names``, each once, in that order; ``all`` is every one that is installed.

    Imports nothing. Raises ToolError (exit 2) for a name that is none, or one that is not installed.
    """
    found: dict[str, Runtime] = {}
    for name in names:
        if name == ALL:
            found.update({key: runtime for key, runtime in RUNTIMES.items() if runtime.is_installed()})
        elif name not in RUNTIMES:
            raise unknown("runtime", name, [*RUNTIMES, ALL])
        elif not RUNTIMES[name].is_installed():
            raise not_installed(RUNTIMES[name], f"this Python ({sys.executable}) has no module {RUNTIMES[name].module}")
        else:
            found[name] = RUNTIMES[name]
    return list(found.values())


def not_installed(runtime: Runtime, why: str) -> ToolError:
    """The error (exit 2) for a runtime that cannot be imported."""
    return ToolError(
        f"the runtime {runtime.name} is not installed", why=why, do=f"python -m pip install {runtime.package}"
    )


def own_words(error: BaseException) -> str:
    """What a runtime says, in one line of at most 300 characters, without the stack of whoever wrote it."""
    said = " ".join(str(error).partition("Stack backtrace")[0].split())
    return said[:300] or type(error).__name__
