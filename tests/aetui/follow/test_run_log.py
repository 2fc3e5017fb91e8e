"""A log that is followed says what one that is read from the beginning says."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aetui.follow import run_log
from aetui.follow.log_cache import LogCache
from aetui.follow.run_log import RunLog
from trainer.runs.metrics import cut_back


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "metrics.jsonl"


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> LogCache:
    """A cache, for which every log is a long one."""
    monkeypatch.setattr(run_log, "LONG_BYTES", 1)
    return LogCache(tmp_path / "cache")


def lines(first: int, last: int, loss: float | None = 0.5) -> bytes:
    """Rows of two splits for the steps first … last."""
    rows = [
        {"step": step, "epoch": step / 7, "time": 1e9 + step / 3, "split": split, "loss": loss, "kl": step / 9}
        for step in range(first, last + 1)
        for split in ("train", "validation")
    ]
    return b"".join(json.dumps(row).encode() + b"\n" for row in rows)


def append(path: Path, data: bytes) -> None:
    with open(path, "ab") as file:
        file.write(data)


def says_what_is_there(plain: Any, log: RunLog, path: Path) -> bool:
    points, bad = plain.read(path)
    return plain.same(log.series, points) and log.bad_lines == bad


def test_a_log_torn_at_any_byte_says_what_its_whole_lines_say(plain: Any, path: Path) -> None:
    text = lines(1, 2) + b"rubbish\n" + lines(3, 3, loss=None)
    for cut in range(len(text) + 1):
        path.unlink(missing_ok=True)
        append(path, text[:cut])
        log = RunLog(path)
        log.poll()
        assert says_what_is_there(plain, log, path)
        append(path, text[cut:])
        log.poll()
        assert says_what_is_there(plain, log, path)


def test_a_log_cut_anywhere_says_what_is_left(plain: Any, path: Path) -> None:
    text = lines(1, 4)
    for cut in range(0, len(text), 7):
        path.unlink(missing_ok=True)
        append(path, text)
        log = RunLog(path)
        log.poll()
        os.truncate(path, cut)
        log.poll()
        assert says_what_is_there(plain, log, path)
        append(path, b"\n" + lines(2, 5))
        log.poll()
        assert says_what_is_there(plain, log, path)


DEEDS = st.lists(
    st.tuples(
        st.sampled_from(("rows", "nan", "rubbish", "tear", "truncate", "cut back", "replace", "remove", "reopen")),
        st.integers(0, 40),
    ),
    max_size=16,
)


@pytest.mark.parametrize("cached", [False, True])
@settings(max_examples=150, deadline=None)
@given(deeds=DEEDS)
def test_whatever_happens_to_a_log_a_follower_says_what_a_fresh_reader_would(
    plain: Any,
    tmp_path_factory: pytest.TempPathFactory,
    cached: bool,
    deeds: list[tuple[str, int]],
) -> None:
    folder = tmp_path_factory.mktemp("run")
    path = folder / "metrics.jsonl"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(run_log, "LONG_BYTES", 1)
        cache = LogCache(folder / "cache") if cached else None
        log, step = RunLog(path, cache), 1
        for deed, amount in deeds:
            size = path.stat().st_size if path.exists() else 0
            if deed == "rows":
                append(path, lines(step, step + amount % 5))
                step += 5
            elif deed == "nan":
                append(path, lines(step, step, float("nan")) + lines(step + 1, step + 1, None))
                step += 2
            elif deed == "rubbish":
                append(path, b"\xff{\n[]\n" + b'{"step": %d, "split": "train", "loss": "x", "flag": true}\n' % amount)
            elif deed == "tear":
                append(path, lines(step, step)[:amount])
            elif deed == "truncate" and size:
                os.truncate(path, size * amount // 41)
            elif deed == "cut back" and size:
                cut_back(path, amount)
            elif deed == "replace":
                (folder / "new").write_bytes(lines(1, amount, 0.25))
                os.replace(folder / "new", path)
            elif deed == "remove":
                path.unlink(missing_ok=True)
            elif deed == "reopen":
                log = RunLog(path, cache)
            log.poll(grows=amount % 2 == 0)
            assert says_what_is_there(plain, log, path)


def test_a_log_is_reopened_from_the_cache_and_only_its_end_is_parsed(
    plain: Any, path: Path, cache: LogCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    append(path, b"rubbish\n" + lines(1, 300))
    RunLog(path, cache).poll()
    append(path, lines(301, 301))
    parsed = []
    rows_of = run_log.rows_of
    monkeypatch.setattr(run_log, "rows_of", lambda data: parsed.append(data) or rows_of(data))
    log = RunLog(path, cache)
    assert log.poll()
    assert parsed == [lines(301, 301)]
    assert says_what_is_there(plain, log, path)
    assert log.bad_lines == 1


def test_a_log_that_is_unchanged_since_it_was_kept_says_something_at_once(path: Path, cache: LogCache) -> None:
    append(path, lines(1, 300))
    RunLog(path, cache).poll()
    log = RunLog(path, cache)
    assert log.poll()
    assert len(log.series["train", "loss"].steps) == 300
    assert not log.poll()


def test_a_log_that_grows_is_kept_again_when_it_has_grown_by_an_eighth_and_at_its_end(
    path: Path, cache: LogCache
) -> None:
    append(path, lines(1, 800))
    log = RunLog(path, cache)
    log.poll()

    def kept() -> int:
        found = cache.read(path)
        assert found is not None
        return len(found.columns.series()["train", "loss"].steps)

    append(path, lines(801, 810))
    log.poll()
    assert kept() == 800
    append(path, lines(811, 990))
    log.poll()
    assert kept() == 990
    append(path, lines(991, 991))
    log.poll()
    log.poll(grows=False)
    assert kept() == 991


def test_a_long_log_comes_in_pieces(plain: Any, path: Path, cache: LogCache) -> None:
    append(path, lines(1, 4000))
    log, counts = RunLog(path, cache), []
    while True:
        assert log.poll(deadline=time.monotonic())
        counts.append(len(log.series["train", "loss"].steps))
        if not log.behind:
            break
        assert cache.read(path) is None
    assert len(counts) > 3
    assert counts == sorted(set(counts))
    assert says_what_is_there(plain, log, path)
    assert cache.read(path) is not None
