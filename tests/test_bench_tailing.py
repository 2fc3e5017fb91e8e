"""The benchmark of following runs measures what it says it does."""

from __future__ import annotations

from pathlib import Path

from aetui.follow.readers import RunReader
from bench import tailing


def test_every_row_that_the_writer_wrote_becomes_known(tmp_path: Path) -> None:
    figures = {figure.what: figure.value for figure in tailing.following(tmp_path, seconds=0.5, others=2)}
    assert figures["rows known of those written at 1,000 rows/s"] == 1.0
    assert all(value is not None and value > 0 for value in figures.values())


def test_a_log_has_as_many_rows_as_asked_for_and_none_is_left_out(tmp_path: Path) -> None:
    run = tailing.make_run(tmp_path, "a")
    tailing.write_log(run.metrics, 12_345)
    entry = RunReader(run.path).poll()
    assert entry.bad_lines == 0
    assert sum(len(entry.series[split, "loss"].steps) for split in ("train", "validation")) == 12_345
    assert entry.terms() == list(tailing.TERMS)
    assert (entry.latent_dim, entry.image_shape, entry.options) == (16, (1, 28, 28), {"beta": 1.0})


def test_a_run_that_begins_is_seen_among_those_that_rest(tmp_path: Path) -> None:
    share, delay = tailing.idling(tmp_path, runs=3, seconds=0.1, rounds=1)
    assert share.value is not None
    assert delay.value is not None
    assert 0 < delay.value < 60
