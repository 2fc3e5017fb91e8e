"""What the driver, onnxruntime and torch really do on this box, why not CUDA if not, and the command that mends it."""

from __future__ import annotations

from export.doctor.cause import Finding
from export.doctor.causes import findings
from export.doctor.facts import Facts, Platform
from export.doctor.questions import gather
from export.doctor.report import Report, Row, report
from export.errors import ExitCode, ToolError

__all__ = ["Facts", "Finding", "Platform", "Report", "Row", "cuda_refused", "examine", "findings", "report"]


def examine() -> Report:
    """Look at this box; takes the seconds that importing torch takes. A broken install is a finding, not an error."""
    return report(gather())


def cuda_refused(reason: str) -> ToolError:
    """The error (exit 3) for a strict ``--provider cuda`` that is not to be had: the doctor's cause and its command.

    reason: what the caller knows, said where the doctor finds nothing wrong with the box.
    """
    about_torch = ("torch",)
    found = [finding for finding in report(gather(torch=False)).findings if finding.about not in about_torch]
    cause = next((f for state in ("bad", "note") for f in found if f.state == state), None)
    why, fix = (cause.reason or reason, cause.fix) if cause else (reason, None)
    return ToolError(
        "CUDA was asked for and is not to be had",
        why=why,
        do=f"{fix}   or: --provider cpu" if fix else "--provider cpu   runs the same model without it",
        exit_code=ExitCode.DAMAGED,
    )
