"""``aetrain doctor``: what torch and onnxruntime really use here."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

if TYPE_CHECKING:
    from export.doctor import Report, Row
    from export.doctor.placement import Placement


AsJson = Annotated[
    bool,
    Parameter(
        name="--json",
        help="Print JSON instead of a table; each finding has a cause, a name that stays the same. Either way the exit"
        " code is 0 where all that this machine can do is used, with or without a GPU, and 1 where there is something"
        " to mend.",
    ),
]


def doctor(bundle: Path | None = None, /, *, json: AsJson = False) -> int:
    """Say what torch and onnxruntime really use on this box, why not CUDA if not, and the one command that mends it.

    The exit code is 0 where all that this box can do is used, also where it has no GPU; 1 where there is something to
    mend. With --json every finding has a cause, a name that stays the same.

    Parameters
    ----------
    bundle
        A bundle, or a folder of them: says for each graph which provider runs how many of its nodes.
    """
    from concurrent.futures import ThreadPoolExecutor
    from dataclasses import asdict

    from export.doctor import examine
    from export.errors import ExitCode
    from trainer.tables import print_json

    with ThreadPoolExecutor(1) as at_once:
        examined = at_once.submit(examine)
        placed = _placements(bundle) if bundle else None
        report = examined.result()
    if json:
        print_json(report.as_json() | {"placement": placed and [asdict(placement) for placement in placed]})
    else:
        _print(report, placed or ())
    return ExitCode.FAILED if report.state == "bad" else ExitCode.OK


def _placements(bundle: Path) -> tuple[Placement, ...]:
    from export.doctor.placement import placements

    return placements(bundle)


def _print(report: Report, placed: tuple[Placement, ...]) -> None:
    from export.errors import visible
    from trainer.tables import print_table

    rows = [*report.rows, *_placement_rows(placed, report.provider)]
    print_table(["", "what", "found"], [[row.state, row.what, row.found] for row in rows])
    said = [finding for finding in report.findings if finding.state == "bad"]
    said = said or [finding for finding in (report.worst,) if finding]
    for finding in said:
        print(visible(f"why: {finding.reason}"))
        if finding.fix:
            print(visible(f"do:  {finding.fix}"))
    if report.state == "ok":
        print("do:  nothing: torch and onnxruntime use the GPU")
    elif not any(finding.fix for finding in said):
        print("do:  nothing: this is as good as this box can do")


def _placement_rows(placed: tuple[Placement, ...], provider: str) -> list[Row]:
    from export.doctor import Row

    several = len({placement.bundle for placement in placed}) > 1
    rows = []
    for placement in placed:
        name = f"{Path(placement.bundle).name}/{placement.graph}" if several else placement.graph
        rows.append(Row(name, str(placement), "ok" if placement.runs_on(provider) else "note"))
    return rows
