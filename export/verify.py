"""Is this bundle whole, and does it still compute what it did? Hashes, the ONNX checker, its own test vectors.

No torch. ``python -m export.verify FOLDER`` prints the verdict as JSON: in a process of its own, so that a runtime that
crashes on a hostile graph takes nobody with it.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from export.bundle import Bundle, damaged, read_bundle, read_file, read_listed
from export.errors import ExitCode, ToolError
from export.manifest import Manifest, is_safe_name
from export.runtime import first_line, open_session

ABSOLUTE = 1e-5
RELATIVE = 1e-4
"""Wider than at export: another processor sums in another order."""

TIMEOUT_S = 300.0


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What was found good. self_test: largest difference per output, None where a bundle has no vectors (``live/``)."""

    bundle: str
    name: str
    variant: str
    data: str
    step: int
    verified: bool
    files: int
    bytes: int
    self_test: dict[str, float] | None


def verify_bundle(folder: Path) -> Verdict:
    """Check every file, both graphs and their answers.

    Raises ToolError: exit 2 where ``folder`` is no bundle, exit 3 where anything is not as it was written.
    """
    bundle = read_bundle(folder)
    try:
        files = {name: read_listed(bundle.folder, bundle.manifest, name) for name in bundle.manifest.files}
        if bundle.manifest.verified:
            _check_sums(bundle)
    except FileNotFoundError as error:
        raise damaged(folder, f"{os.path.relpath(error.filename, bundle.folder)} is missing") from error
    for name in files:
        if name.endswith(".onnx"):
            _check_model(folder, name, files[name])
    manifest = bundle.manifest
    return Verdict(
        bundle=str(folder),
        name=manifest.name,
        variant=manifest.variant,
        data=manifest.data,
        step=manifest.step,
        verified=manifest.verified,
        files=len(files),
        bytes=sum(map(len, files.values())),
        self_test=_self_test(folder, manifest, files) if manifest.verified else None,
    )


def verify_in_subprocess(folder: Path, *, timeout_s: float = TIMEOUT_S) -> Verdict:
    """``verify_bundle`` in a process of its own; its crash or hang is a ToolError (exit 3) too."""
    command = [sys.executable, "-P", "-m", "export.verify", str(folder)]
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=timeout_s, check=False)
    except subprocess.TimeoutExpired as error:
        raise damaged(folder, f"checking it takes more than {timeout_s:.0f} s", "a graph of it does not end") from error
    try:
        answer = json.loads(done.stdout)
    except ValueError:
        answer = {}
    if "error" in answer:
        error_code = ExitCode(answer["error"].pop("exit_code"))
        raise ToolError(**answer["error"], exit_code=error_code)
    if done.returncode or "bundle" not in answer:
        last = (done.stderr.decode(errors="replace").strip().splitlines() or ["it said nothing"])[-1]
        ended = f"signal {-done.returncode}" if done.returncode < 0 else f"status {done.returncode}"
        raise damaged(folder, f"the process that checked it ended with {ended}", f"onnx or onnxruntime: {last[:300]}")
    return Verdict(**answer)


def main(arguments: list[str]) -> int:
    """Verify ``arguments[0]``; the verdict or the error is one JSON object, the only thing on stdout."""
    answer_to = os.dup(1)
    os.dup2(2, 1)  # whatever a library prints is talk
    code = ExitCode.OK
    try:
        answer: dict[str, Any] = dataclasses.asdict(verify_bundle(Path(arguments[0])))
    except ToolError as error:
        code = error.exit_code
        answer = {"error": {"what": error.what, "why": error.why, "do": error.do, "exit_code": int(code)}}
    with open(answer_to, "w", encoding="utf-8") as file:
        file.write(json.dumps(answer) + "\n")
    return int(code)


def _check_sums(bundle: Bundle) -> None:
    """``SHA256SUMS`` lists what the manifest lists, and the manifest, each with its hash."""
    wanted = {name: entry["sha256"] for name, entry in bundle.manifest.files.items()}
    wanted["manifest.json"] = hashlib.sha256(read_file(bundle.folder, "manifest.json")).hexdigest()
    lines = read_file(bundle.folder, "SHA256SUMS").decode(errors="replace").splitlines()
    found = {name: digest for digest, _, name in (line.partition("  ") for line in lines)}
    for name in sorted(wanted.keys() | found.keys()):
        if wanted.get(name) != found.get(name):
            shown = name if is_safe_name(name) else repr(name[:80])
            raise damaged(bundle.folder, f"SHA256SUMS and the files disagree about {shown}")


def _check_model(folder: Path, name: str, graph: bytes) -> None:
    import onnx

    try:
        onnx.checker.check_model(graph, full_check=True)
    except Exception as error:  # the checker raises its own, ValueError, and protobuf's
        raise damaged(folder, f"{name} does not pass the ONNX checker", first_line(error)) from error


def _self_test(folder: Path, manifest: Manifest, files: dict[str, bytes]) -> dict[str, float]:
    differences: dict[str, float] = {}
    parts = (("encoder", "image", list(manifest.heads)), ("decoder", "latent", ["reconstruction"]))
    for part, input_name, outputs in parts:
        given = {input_name: _tensor(folder, files, f"test_data_set_0/{part}/input_0.pb")}
        answers = _answers(folder, part, files[f"{part}.onnx"], given, outputs)
        for i, name in enumerate(outputs):
            wanted = _tensor(folder, files, f"test_data_set_0/{part}/output_{i}.pb")
            differences[f"{part}.{name}"] = _difference(folder, f"{part}.onnx: {name}", answers[i], wanted)
    return differences


def _answers(
    folder: Path, part: str, graph: bytes, given: dict[str, npt.NDArray[Any]], outputs: list[str]
) -> list[npt.NDArray[Any]]:
    try:
        answers: list[npt.NDArray[Any]] = open_session(graph, ["CPUExecutionProvider"]).run(outputs, given)
    except Exception as error:  # onnxruntime raises many kinds
        raise damaged(folder, f"{part}.onnx does not run on its test vectors", first_line(error)) from error
    return answers


def _difference(folder: Path, shown: str, found: npt.NDArray[Any], wanted: npt.NDArray[Any]) -> float:
    if found.shape != wanted.shape:
        raise damaged(folder, f"{shown} has shape {list(found.shape)}, its test vector {list(wanted.shape)}")
    difference = float(np.abs(found - wanted).max(initial=0.0))
    if not difference <= ABSOLUTE + RELATIVE * float(np.abs(wanted).max(initial=0.0)):
        raise damaged(
            folder, f"{shown} differs from its test vector by {difference:.3g}", "this runtime computes wrongly"
        )
    return difference


def _tensor(folder: Path, files: dict[str, bytes], name: str) -> npt.NDArray[Any]:
    import onnx
    from onnx import numpy_helper

    if name not in files:
        raise damaged(folder, f"{name} is not listed in manifest.json", "a verified bundle brings its test vectors")
    try:
        tensor = onnx.TensorProto.FromString(files[name])
        if tensor.data_location == onnx.TensorProto.EXTERNAL or tensor.external_data:
            raise ValueError("its data lies in another file")
        array: npt.NDArray[Any] = numpy_helper.to_array(tensor)
    except Exception as error:  # protobuf's own exceptions differ between its backends
        raise damaged(folder, f"{name} is not a tensor", first_line(error)) from error
    return array


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
