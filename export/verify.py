"""Is this bundle whole, and does it still compute what it did? Hashes, the ONNX checker, its own test vectors.

No torch. ``python -m export.verify FOLDER [RUNTIME…]`` prints the verdict as JSON: in a process of its own, so that a
runtime that crashes on a graph takes nobody with it, and every runtime in another one.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from export.bundle import Bundle, damaged, read_bundle, read_file, read_listed
from export.errors import ExitCode, ToolError
from export.graph_check import check_domains, check_weights
from export.manifest import is_safe_name
from export.runtime import first_line
from export.runtimes import Runtime, find_runtimes, not_installed, own_words
from export.self_test import Part, WrongAnswerError, read_parts, self_test

DEFAULT = ("ort",)
"""The runtime that a bundle is made for."""

TIMEOUT_S = 300.0


@dataclass(frozen=True, kw_only=True)
class InRuntime:
    """What one runtime made of a bundle's test vectors."""

    runtime: str
    version: str | None
    seconds: float = dataclasses.field(compare=False)
    """For importing the runtime, opening the graphs and computing."""
    self_test: dict[str, float] | None
    """The largest difference per output; None where it did not come to the end of them."""
    error: dict[str, Any] | None = None
    """What is wrong: what, why, do, exit_code."""
    first_difference: dict[str, Any] | None = None
    """Where it is wrong and the node is known: ``export.first_difference.FirstDifference``."""


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What was found. self_test: largest difference per output, None where a bundle has no vectors (``live/``)."""

    bundle: str
    name: str
    variant: str
    data: str
    precision: str
    step: int
    verified: bool
    files: int
    bytes: int
    self_test: dict[str, float] | None
    """Over all runtimes that came to the end."""
    runtimes: tuple[InRuntime, ...]

    def error(self) -> ToolError | None:
        """What the first runtime that is not content says, the wrong ones before those that cannot run the bundle."""
        errors = [found.error for found in self.runtimes if found.error]
        errors.sort(key=lambda error: -error["exit_code"])
        return _tool_error(errors[0]) if errors else None


def verify_bundle(folder: Path, runtimes: Sequence[str] = DEFAULT) -> Verdict:
    """Check every file, every graph and the answers that ``runtimes`` give, in this process.

    Raises ToolError: exit 2 where ``folder`` is no bundle or a runtime is not installed; exit 3 where anything is not
    as it was written or is computed otherwise; exit 1 where a runtime other than onnxruntime does not take the graphs.
    """
    return _raised(examine(folder, find_runtimes(runtimes)))


def verify_in_subprocess(folder: Path, runtimes: Sequence[str] = DEFAULT, *, timeout_s: float = TIMEOUT_S) -> Verdict:
    """``verify_bundle`` in processes of their own.

    A crash or hang is a ToolError too: exit 3, in a runtime other than onnxruntime exit 1.
    """
    return _raised(examine_in_subprocess(folder, runtimes, timeout_s=timeout_s))


def examine(folder: Path, runtimes: Sequence[Runtime]) -> Verdict:
    """As ``verify_bundle``, but what a runtime does wrong is in the verdict, beside what the others do."""
    bundle = read_bundle(folder)
    manifest = bundle.manifest
    files = _read_files(folder, bundle)
    for name in files:
        if name.endswith(".onnx"):
            _check_model(folder, name, files[name])
    parts = read_parts(folder, manifest, files) if manifest.verified else []
    found = tuple(_in_runtime(folder, manifest.precision, parts, runtime) for runtime in runtimes if parts)
    return Verdict(
        bundle=str(folder),
        name=manifest.name,
        variant=manifest.variant,
        data=manifest.data,
        precision=manifest.precision,
        step=manifest.step,
        verified=manifest.verified,
        files=len(files),
        bytes=sum(map(len, files.values())),
        self_test=_worst(found),
        runtimes=found,
    )


def examine_in_subprocess(folder: Path, runtimes: Sequence[str] = DEFAULT, *, timeout_s: float = TIMEOUT_S) -> Verdict:
    """``examine``, each runtime in a process of its own, of at most ``timeout_s`` seconds."""
    verdicts = [_by_runtime(folder, runtime, timeout_s) for runtime in find_runtimes(runtimes)]
    found = tuple(one for verdict in verdicts for one in verdict.runtimes)
    return dataclasses.replace(verdicts[0], runtimes=found, self_test=_worst(found))


def main(arguments: list[str]) -> int:
    """Verify ``arguments[0]`` in the runtimes ``arguments[1:]`` (none: files and graphs only).

    The verdict or the error is one JSON object, the only thing on stdout.
    """
    answer_to = os.dup(1)
    os.dup2(2, 1)  # whatever a library prints is talk
    code = ExitCode.OK
    try:
        verdict = examine(Path(arguments[0]), find_runtimes(arguments[1:]))
        answer: dict[str, Any] = dataclasses.asdict(verdict)
    except ToolError as error:
        code = error.exit_code
        answer = {"error": _as_json(error)}
    with open(answer_to, "w", encoding="utf-8") as file:
        file.write(json.dumps(answer) + "\n")
    return int(code)


def _by_runtime(folder: Path, runtime: Runtime, timeout_s: float) -> Verdict:
    """The verdict by one runtime. Of a process that came to an end of its own, it is the runtime that is to blame."""
    start = time.perf_counter()
    try:
        return _in_process(folder, [runtime.name], timeout_s)
    except _EndedError as ended:
        if runtime.name in DEFAULT:
            raise damaged(folder, ended.how, ended.said) from ended
        error = ToolError(
            f"{runtime.name} cannot run the graphs of {folder}: {ended.how}",
            why=ended.said,
            do=f"use another runtime or version; whether the bundle is whole: aetrain verify {folder}",
            exit_code=ExitCode.FAILED,
        )
    try:
        verdict = _in_process(folder, [], timeout_s)
    except _EndedError as ended:
        raise damaged(folder, ended.how, ended.said) from ended
    seconds = time.perf_counter() - start
    lost = InRuntime(runtime=runtime.name, version=None, seconds=seconds, self_test=None, error=_as_json(error))
    return dataclasses.replace(verdict, runtimes=(lost,))


class _EndedError(Exception):
    """The process that verified has no verdict. how: it ended; said: its last line."""

    def __init__(self, how: str, said: str) -> None:
        super().__init__(how)
        self.how = how
        self.said = said


def _in_process(folder: Path, runtimes: Sequence[str], timeout_s: float) -> Verdict:
    """``examine`` in a process of its own. Raises ToolError, _EndedError where it says nothing."""
    command = [sys.executable, "-P", "-m", "export.verify", str(folder), *runtimes]
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=timeout_s, check=False)
    except subprocess.TimeoutExpired as error:
        raise _EndedError(f"checking it takes more than {timeout_s:.0f} s", "a graph of it does not end") from error
    try:
        answer = json.loads(done.stdout)
    except ValueError:
        answer = {}
    if "error" in answer:
        raise _tool_error(answer["error"])
    if done.returncode or "bundle" not in answer:
        last = (done.stderr.decode(errors="replace").strip().splitlines() or ["it said nothing"])[-1]
        ended = f"signal {-done.returncode}" if done.returncode < 0 else f"status {done.returncode}"
        raise _EndedError(f"the process that checked it ended with {ended}", f"its last line: {last[:300]}")
    return Verdict(**answer | {"runtimes": tuple(InRuntime(**one) for one in answer["runtimes"])})


def _read_files(folder: Path, bundle: Bundle) -> dict[str, bytes]:
    """Every file that the manifest lists, each as it was written."""
    try:
        files = {name: read_listed(bundle.folder, bundle.manifest, name) for name in bundle.manifest.files}
        if bundle.manifest.verified:
            _check_sums(bundle)
    except FileNotFoundError as error:
        raise damaged(folder, f"{os.path.relpath(error.filename, bundle.folder)} is missing") from error
    return files


def _in_runtime(folder: Path, precision: str, parts: list[Part], runtime: Runtime) -> InRuntime:
    start = time.perf_counter()
    version, tested, error, where = None, None, None, None
    try:
        try:
            version = runtime.version()
        except Exception as reason:  # a broken installation raises anything
            raise not_installed(runtime, own_words(reason)) from reason
        tested = self_test(folder, precision, parts, runtime)
    except ToolError as reason:
        error = _as_json(reason)
        if isinstance(reason, WrongAnswerError) and reason.where:
            where = dataclasses.asdict(reason.where)
    seconds = time.perf_counter() - start
    return InRuntime(
        runtime=runtime.name,
        version=version,
        seconds=round(seconds, 4),
        self_test=tested,
        error=error,
        first_difference=where,
    )


def _worst(found: Sequence[InRuntime]) -> dict[str, float] | None:
    tests = [one.self_test for one in found if one.self_test]
    return {name: max(test[name] for test in tests) for name in tests[0]} if tests else None


def _raised(verdict: Verdict) -> Verdict:
    error = verdict.error()
    if error:
        raise error
    return verdict


def _as_json(error: ToolError) -> dict[str, Any]:
    return {"what": error.what, "why": error.why, "do": error.do, "exit_code": int(error.exit_code)}


def _tool_error(fields: dict[str, Any]) -> ToolError:
    return ToolError(**fields | {"exit_code": ExitCode(fields["exit_code"])})


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
        model = onnx.load_model_from_string(graph)
        check_domains(model)
        check_weights(model)
        onnx.checker.check_model(graph, full_check=True)
    except Exception as error:  # the checker raises its own, ValueError, and protobuf's
        raise damaged(folder, f"{name} does not pass the ONNX checker", first_line(error)) from error


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
