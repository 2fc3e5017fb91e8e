from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trainer.runs.metrics import MetricsLog, MetricsTail, cut_back


def row(step: int, split: str = "train", loss: float = 1.0) -> dict[str, object]:
    return {"step": step, "epoch": step / 10, "time": 0.0, "split": split, "loss": loss, "reconstruction": loss}


def write(path: Path, rows: list[dict[str, object]]) -> None:
    log = MetricsLog(path)
    log.append(rows)
    log.close()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "metrics.jsonl"


def test_rows_come_back_as_they_were_written(path: Path) -> None:
    rows = [row(1), row(1, "validation"), row(2)]
    write(path, rows)
    assert MetricsTail(path).read_all().rows == rows


def test_a_value_that_is_not_finite_is_null_and_the_line_is_json(path: Path) -> None:
    write(path, [row(1, loss=float("nan")), row(2, loss=float("inf"))])
    assert [json.loads(line)["loss"] for line in path.read_text().splitlines()] == [None, None]


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_log_that_grows_by_any_pieces_is_read_once_and_whole(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    path = tmp_path_factory.mktemp("log") / "metrics.jsonl"
    rows = [row(step) for step in range(8)]
    text = b"".join(json.dumps(r).encode() + b"\n" for r in rows)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=12)))
    tail, seen = MetricsTail(path), []
    for start, end in zip([0, *cuts], [*cuts, len(text)], strict=True):
        with open(path, "ab") as file:
            file.write(text[start:end])
        update = tail.poll()
        assert not update.restarted
        seen += update.rows
    assert seen + tail.read_all().rows == rows


def test_an_unchanged_log_gives_nothing(path: Path) -> None:
    write(path, [row(1)])
    tail = MetricsTail(path)
    assert len(tail.poll().rows) == 1
    assert tail.poll().rows == []


def test_a_log_that_was_cut_back_starts_over(path: Path) -> None:
    write(path, [row(step) for step in range(10)])
    tail = MetricsTail(path)
    tail.read_all()
    cut_back(path, 4)
    write(path, [row(step, loss=9.0) for step in range(5, 20)])
    update = tail.read_all()
    assert update.restarted
    assert [r["step"] for r in update.rows] == list(range(20))


def test_a_log_replaced_by_a_longer_one_in_place_starts_over(path: Path) -> None:
    write(path, [row(1), row(2)])
    tail = MetricsTail(path)
    tail.read_all()
    with open(path, "r+b") as file:
        file.truncate(0)
        file.write(b"".join(json.dumps(row(step, loss=7.5)).encode() + b"\n" for step in range(6)))
    update = tail.read_all()
    assert update.restarted
    assert [r["step"] for r in update.rows] == list(range(6))


def test_a_log_that_vanishes_starts_over(path: Path) -> None:
    write(path, [row(1)])
    tail = MetricsTail(path)
    tail.read_all()
    path.unlink()
    assert tail.poll().restarted
    write(path, [row(3)])
    assert [r["step"] for r in tail.read_all().rows] == [3]


def test_bad_lines_are_skipped_and_counted(path: Path) -> None:
    path.write_bytes(b'{"step": 1, "split": "train"}\nnonsense\n[1]\n\xff\xfe\n{"step": 2, "split": "train"}\n')
    tail = MetricsTail(path)
    assert [r["step"] for r in tail.read_all().rows] == [1, 2]
    assert tail.bad_lines == 3


def test_cutting_back_keeps_what_the_checkpoint_counts(path: Path) -> None:
    write(path, [row(1), row(2), row(2, "validation"), row(3)])
    cut_back(path, 2)
    assert [(r["step"], r["split"]) for r in MetricsTail(path).read_all().rows] == [
        (1, "train"), (2, "train"), (2, "validation"),
    ]  # fmt: skip


def test_a_new_row_is_not_glued_to_a_torn_one(path: Path) -> None:
    write(path, [row(1)])
    with open(path, "ab") as file:
        file.write(b'{"step": 2, "spl')
    write(path, [row(2)])
    assert [json.loads(line)["step"] for line in path.read_text().splitlines()] == [1, 2]
