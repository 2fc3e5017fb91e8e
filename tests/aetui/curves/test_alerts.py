from __future__ import annotations

import json
from pathlib import Path

from aetui.curves.alerts import AlertLog, Mark
from trainer.runs.folder import RunFolder


def write(run: RunFolder, *rows: object) -> None:
    with open(run.health, "a", encoding="utf-8") as file:
        file.writelines(json.dumps(row) + "\n" for row in rows)


def test_alerts_are_told_apart_from_what_was_only_looked_at(tmp_path: Path) -> None:
    log = AlertLog(tmp_path)
    assert log.poll() == ()
    run = RunFolder(tmp_path)
    write(run, {"step": 1, "kind": "health", "layers": {}}, {"step": 2, "kind": "spike", "text": "up", "hint": "less"})
    assert log.poll() == (Mark(2, "spike", "up", "less"),)
    write(run, {"step": 3, "kind": "dead", "text": "half"})
    assert [mark.step for mark in log.poll()] == [2, 3]


def test_rows_that_say_nothing_are_passed_over_and_a_new_log_starts_anew(tmp_path: Path) -> None:
    run = RunFolder(tmp_path)
    write(run, {"step": "x", "kind": "a", "text": "b"}, {"step": 1, "kind": [], "text": "b"}, {"step": 1, "kind": "a"})
    log = AlertLog(tmp_path)
    assert log.poll() == ()
    run.health.unlink()
    write(run, {"step": 7, "kind": "a", "text": "b"})
    assert [mark.step for mark in log.poll()] == [7]


def test_only_the_newest_are_kept(tmp_path: Path) -> None:
    write(RunFolder(tmp_path), *({"step": n, "kind": "a", "text": "b"} for n in range(500)))
    found = AlertLog(tmp_path).poll()
    assert len(found) == 200
    assert found[-1].step == 499
