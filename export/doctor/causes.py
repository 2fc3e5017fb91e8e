"""Every cause that the doctor knows, and which of them it is.

Three tables, one for each thing that can be at fault. A new cause is one entry in its table.
"""

from __future__ import annotations

from export.doctor.cause import About, Cause, Finding
from export.doctor.driver_causes import DRIVER
from export.doctor.facts import Facts
from export.doctor.onnxruntime_causes import ONNXRUNTIME
from export.doctor.torch_causes import TORCH

TABLES: dict[About, tuple[Cause, ...]] = {"driver": DRIVER, "onnxruntime": ONNXRUNTIME, "torch": TORCH}
"""In the order in which they are mended."""


def findings(facts: Facts) -> tuple[Finding, ...]:
    """One finding about each of the three; a pure function."""
    return tuple(_finding(about, table, facts) for about, table in TABLES.items())


def _finding(about: About, table: tuple[Cause, ...], facts: Facts) -> Finding:
    cause = next(cause for cause in table if cause.applies(facts))
    return Finding(about=about, cause=cause.name, state=cause.state, reason=cause.reason(facts), fix=cause.fix(facts))
