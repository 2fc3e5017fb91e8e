"""One bundle in six more runtimes: how far each is from onnxruntime in Python. Those in JavaScript run in Node."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from bench.machine import ROOT
from export.bundle import Bundle, read_bundle
from export.runtime import open_session, run_session
from export.runtimes import RUNTIMES

Answers = dict[str, npt.NDArray[np.float32]]

JAVASCRIPT = {
    "onnxruntime-node": "onnxruntime-node/dist/index.js",
    "onnxruntime-web (WASM)": "onnxruntime-web/dist/ort.wasm.min.mjs",
}
"""Runtime → the file in ``node_modules`` that is imported."""

IMAGES = 64
"""How many go through, at once."""


def differences(folder: Path) -> dict[str, float | str]:
    """Runtime → the largest |its answer − onnxruntime's| / max(1, max|onnxruntime's|), or why there is none.

    Each in a process of its own: some crash on what they do not know.
    """
    found: dict[str, float | str] = {}
    for name in (*(name for name in RUNTIMES if name != "ort"), *JAVASCRIPT):
        command = [sys.executable, "-m", "bench.runtimes", str(folder), name]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        try:
            found[name] = float(done.stdout)
        except ValueError:
            found[name] = (done.stderr.strip().splitlines() or ["it said nothing"])[-1][:200]
    return found


def largest_difference(folder: Path, name: str) -> float:
    """For one runtime, in this process. Raises whatever the runtime raises."""
    bundle = read_bundle(folder)
    given, wanted = _wanted(bundle)
    answers = _in_javascript(bundle, given, name) if name in JAVASCRIPT else _in_python(bundle, given, name)
    scales = {output: max(1.0, float(np.abs(value).max())) for output, value in wanted.items()}
    return max(float(np.abs(answers[output] - wanted[output]).max()) / scale for output, scale in scales.items())


def _wanted(bundle: Bundle) -> tuple[dict[str, dict[str, Any]], Answers]:
    """({part: its input}, what onnxruntime answers by output)."""
    with np.load(bundle.probe_path, allow_pickle=False) as probe:
        images = probe["images"][:IMAGES].astype(np.float32) / 255
    heads = list(bundle.manifest.heads)
    encoder, decoder = (open_session(graph, ["CPUExecutionProvider"]) for graph in (bundle.encoder, bundle.decoder))
    codes = run_session(encoder, heads, {"image": images})
    (x_hat,) = run_session(decoder, ["reconstruction"], {"latent": codes[0]})
    given: dict[str, dict[str, Any]] = {"encoder": {"image": images}, "decoder": {"latent": codes[0]}}
    return given, {**dict(zip(heads, codes, strict=True)), "reconstruction": x_hat}


def _outputs(bundle: Bundle) -> dict[str, list[str]]:
    return {"encoder": list(bundle.manifest.heads), "decoder": ["reconstruction"]}


def _in_python(bundle: Bundle, given: dict[str, dict[str, Any]], name: str) -> Answers:
    answers: Answers = {}
    for part, outputs in _outputs(bundle).items():
        run = RUNTIMES[name].open(getattr(bundle, part), outputs)
        answers |= dict(zip(outputs, run(given[part]), strict=True))
    return answers


def _in_javascript(bundle: Bundle, given: dict[str, dict[str, Any]], name: str) -> Answers:
    modules = Path(os.environ.get("AETUI_NODE_MODULES", ROOT / "tests" / "javascript" / "node_modules"))
    module = modules / JAVASCRIPT[name]
    node = shutil.which("node")
    if node is None or not module.exists():
        raise RuntimeError(f"needs Node 18 and {module}: npm ci in tests/javascript")
    with tempfile.TemporaryDirectory() as work:
        job = []
        shapes: dict[str, tuple[int, ...]] = {}
        for part, outputs in _outputs(bundle).items():
            ((port, values),) = given[part].items()
            file = Path(work) / f"{port}.raw"
            file.write_bytes(np.ascontiguousarray(values).tobytes())
            job.append(
                {
                    "graph": str(bundle.folder / f"{part}.onnx"),
                    "name": port,
                    "file": str(file),
                    "dims": values.shape,
                    "outputs": {output: str(Path(work) / f"{output}.out") for output in outputs},
                }
            )
            count = len(values)
            shapes |= {output: (count, *bundle.manifest.heads.get(output, values.shape[1:])) for output in outputs}
        shapes["reconstruction"] = (count, *bundle.manifest.image_shape)
        description = Path(work) / "job.json"
        description.write_text(json.dumps(job), encoding="utf-8")
        script = str(Path(__file__).with_name("vectors.mjs"))
        done = subprocess.run(
            [node, script, str(module), str(description)], capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise RuntimeError(done.stderr.strip()[-300:])
        return {
            output: np.frombuffer((Path(work) / f"{output}.out").read_bytes(), np.float32).reshape(shape)
            for output, shape in shapes.items()
        }


if __name__ == "__main__":
    print(largest_difference(Path(sys.argv[1]), sys.argv[2]))
