"""``aetrain verify``: is a bundle whole, and does it still compute what it did, here or in another runtime?"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter

from export.errors import ExitCode
from trainer.commands.arguments import AsJson

if TYPE_CHECKING:
    from export.verify import InRuntime, Verdict

Name = Literal["ort", "reference", "openvino", "opencv", "tract", "all"]
"""As in ``export.runtimes.RUNTIMES``, which a test holds it against."""


def verify(
    bundle: Path,
    /,
    *,
    runtime: Annotated[tuple[Name, ...], Parameter(show_default=False)] = ("ort",),
    json: AsJson = False,
) -> int:
    """Check a bundle: every hash, the ONNX checker, its own test vectors. Runs in processes of its own, without torch.

    Where a runtime computes something else, the first node of the graph that differs is named.

    Parameters
    ----------
    bundle
        Folder with encoder.onnx, decoder.onnx and manifest.json.
    runtime
        What computes the test vectors: ort is onnxruntime, reference ONNX's own; all means each that is installed.
    """
    import dataclasses

    from export.verify import examine_in_subprocess
    from trainer.tables import print_json, print_table

    verdict = examine_in_subprocess(bundle, runtime)
    error = verdict.error()
    if json:
        print_json(dataclasses.asdict(verdict))
    else:
        print_table(["checked", "found"], _rows(verdict))
        if verdict.runtimes:
            print()
            columns = ["runtime", "version", "seconds", "result"]
            print_table(columns, [[one.runtime, one.version, one.seconds, _result(one)] for one in verdict.runtimes])
    if error:
        sys.stdout.flush()
        print(error, file=sys.stderr)
        return error.exit_code
    return ExitCode.OK


def _rows(verdict: Verdict) -> list[list[str]]:
    rows = [
        ["bundle", verdict.bundle],
        ["run", f"{verdict.name}, {verdict.variant} on {verdict.data}, step {verdict.step}"],
        ["files", f"{verdict.files} files, {verdict.bytes / 1e6:.2f} MB, every sha256 as listed"],
        ["graphs", f"pass the ONNX checker; {verdict.precision}"],
    ]
    if not verdict.verified:
        rows.append(["self-test", "none: live weights, not verified when they were written"])
    return rows


def _result(found: InRuntime) -> str:
    if found.self_test is not None:
        name, value = max(found.self_test.items(), key=lambda pair: pair[1])
        return f"largest difference: {value:.2g} ({name})" if value else "the same in every bit"
    verdicts = {ExitCode.FAILED: "cannot run it", ExitCode.USAGE: "cannot be imported"}
    error = found.error or {"exit_code": ExitCode.FAILED, "why": "unknown"}
    return f"{verdicts.get(error['exit_code'], 'computes something else')}: {error['why']}"
