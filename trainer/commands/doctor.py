"""``aetrain doctor``: what torch and onnxruntime really use here."""

from __future__ import annotations

from trainer.commands.arguments import AsJson


def doctor(*, json: AsJson = False) -> None:
    """Say what torch and onnxruntime really use on this box, why not CUDA if not, and the one command that fixes it."""
    from export.doctor import examine
    from export.errors import visible
    from trainer.tables import print_json, print_table

    report = examine()
    if json:
        print_json(report.as_json())
        return
    marks = {"ok": "ok", "note": "–", "bad": "bad"}
    print_table(["", "what", "found"], [[marks[row.state], row.what, row.found] for row in report.rows])
    if report.reason:
        print(visible(f"\nwhy: {report.reason}"[1:]))
    print(visible(f"do:  {report.fix or 'nothing: this is as good as this box can do'}"))
