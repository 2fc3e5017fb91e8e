"""Which provider runs each node of a bundle: what ``session.get_providers()`` alone does not say.

``python -m export.doctor.placement FOLDER`` prints it as JSON: a process of its own, which may print, crash or hang.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from export.bundle import Bundle, damaged, is_bundle, read_bundle, read_listed
from export.cuda import why_not_cuda
from export.doctor.questions import ask
from export.errors import ExitCode, ToolError
from export.runtime import first_line, session_options

GRAPHS = ("encoder.onnx", "decoder.onnx", "encoder_u8.onnx", "decoder_u8.onnx")


@dataclass(frozen=True, kw_only=True)
class Placement:
    """Where one graph runs.

    in_file: nodes as exported. nodes: how many onnxruntime gives to each provider (``CUDA``, ``CPU``), None where this
    onnxruntime cannot say. run_as: kernels that remain after it has fused some, which is what really runs. on_cpu: the
    nodes that it left to the CPU though CUDA has others, as ``operator name``.
    """

    bundle: str
    graph: str
    in_file: int
    nodes: dict[str, int] | None
    run_as: int
    on_cpu: tuple[str, ...] = ()

    def runs_on(self, provider: str) -> bool:
        """Every node runs on ``provider``, as far as this onnxruntime can say."""
        return self.nodes is None or set(self.nodes) <= {provider}

    def __str__(self) -> str:
        if self.nodes is None:
            return "this onnxruntime cannot say which node runs where"
        total = sum(self.nodes.values())
        parts = [f"{provider} {count} of {total} nodes" for provider, count in sorted(self.nodes.items(), reverse=True)]
        fused = f", fused into {self.run_as}" if self.run_as < total else ""
        left = f"; on the CPU: {', '.join(self.on_cpu)}" if self.on_cpu else ""
        return ", ".join(parts) + fused + left


def placements(folder: Path) -> tuple[Placement, ...]:
    """Where each graph of the bundle ``folder`` runs, or of each bundle in it or in its ``export`` folder.

    Raises ToolError: exit 2 where there is no bundle; exit 3 where one is damaged or ends its process.
    """
    return tuple(placement for bundle in bundles_in(folder) for placement in _asked(bundle))


def bundles_in(folder: Path) -> list[Path]:
    """``folder`` where it is a bundle, else the bundles in it, else those in its ``export``; itself: there is none."""
    if is_bundle(folder):
        return [folder]
    for inside in (folder, folder / "export"):
        found = sorted(path for path in inside.glob("*") if is_bundle(path) and path.name != "live")
        if found:
            return found
    return [folder]


def measure(folder: Path) -> list[dict[str, Any]]:
    """What ``Placement`` holds, for each graph of a bundle, from sessions that ask for CUDA where there is one.

    Raises ToolError.
    """
    bundle = read_bundle(folder)
    try:
        graphs = _graphs(bundle)
    except FileNotFoundError as error:
        raise damaged(folder, f"{Path(str(error.filename)).name} is missing") from error
    providers = ["CPUExecutionProvider"]
    if why_not_cuda() is None:
        providers.insert(0, "CUDAExecutionProvider")
    return [
        {"bundle": str(folder), "graph": name} | _measured(folder, name, graph, providers)
        for name, graph in graphs.items()
    ]


def _graphs(bundle: Bundle) -> dict[str, bytes]:
    listed = [name for name in GRAPHS if name in bundle.manifest.files]
    return {name: read_listed(bundle.folder, bundle.manifest, name) for name in listed}


def _measured(folder: Path, name: str, graph: bytes, providers: list[str]) -> dict[str, Any]:
    import onnx
    import onnxruntime

    in_file = len(onnx.ModelProto.FromString(graph).graph.node)
    options = session_options()
    options.add_session_config_entry("session.record_ep_graph_assignment_info", "1")
    with tempfile.TemporaryDirectory() as beside:
        options.optimized_model_filepath = str(Path(beside) / "fused.onnx")
        try:
            session = onnxruntime.InferenceSession(graph, options, providers=providers, enable_fallback=0)
        except Exception as error:  # onnxruntime raises many kinds
            raise damaged(folder, f"onnxruntime refuses {name}", first_line(error)) from error
        run_as = len(onnx.load(options.optimized_model_filepath).graph.node)
    answer = {"in_file": in_file, "run_as": run_as}
    ask_session = getattr(session, "get_provider_graph_assignment_info", None)
    if ask_session is None:
        return answer | {"nodes": None}
    placed = [
        (part.ep_name.removesuffix("ExecutionProvider"), node) for part in ask_session() for node in part.get_nodes()
    ]
    counts = Counter(provider for provider, _ in placed)
    on_cpu = [f"{node.op_type} {node.name}".strip() for provider, node in placed if provider == "CPU"]
    return answer | {"nodes": dict(counts), "on_cpu": on_cpu if len(counts) > 1 else []}


def _asked(folder: Path) -> list[Placement]:
    answer = ask(["-m", "export.doctor.placement", str(folder)])
    if "refused" in answer:
        refused = answer["refused"]
        raise ToolError(**{**refused, "exit_code": ExitCode(refused["exit_code"])})
    if "error" in answer:
        raise damaged(folder, "the process that opened it ended badly", answer["error"])
    return [Placement(**{**found, "on_cpu": tuple(found.get("on_cpu", ()))}) for found in answer["placements"]]


def main(arguments: list[str]) -> int:
    """Measure ``arguments[0]``; the answer is one JSON object, the only thing on stdout."""
    answer_to = os.dup(1)
    os.dup2(2, 1)  # whatever a library prints is talk
    try:
        answer: dict[str, Any] = {"placements": measure(Path(arguments[0]))}
    except ToolError as error:
        refused = {"what": error.what, "why": error.why, "do": error.do, "exit_code": int(error.exit_code)}
        answer = {"refused": refused}
    os.write(answer_to, json.dumps(answer).encode())
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
