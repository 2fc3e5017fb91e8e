"""The cache gives back what was kept, or nothing: never something else, and never an error."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from aetui.follow.log_cache import CachedLog, LogCache, user_cache
from aetui.follow.log_columns import LogColumns
from trainer.runs.tail import Place, Tail


def log_of(path: Path, count: int = 50) -> tuple[Path, CachedLog]:
    """A log of two splits, and what is known of it at its end."""
    columns = LogColumns()
    rows: list[dict[str, Any]] = [
        {"step": step, "epoch": step / 10, "time": 1e9 + step, "split": split, "loss": 1 / step, "kl\ud800": None}
        for step in range(1, count + 1)
        for split in ("train", "validation")
    ]
    rows[4]["rare"] = 3.0
    columns.add(rows)
    path.write_bytes(b"".join(b"%d\n" % number for number in range(count)))
    tail = Tail(path)
    tail.read()
    place = tail.place
    assert place is not None
    return path, CachedLog(place, columns, bad_lines=4)


@pytest.fixture
def cache(tmp_path: Path) -> LogCache:
    return LogCache(tmp_path / "deep" / "cache")


def file_of(tmp_path: Path) -> Path:
    (found,) = (tmp_path / "deep" / "cache").iterdir()
    return found


def same(one: CachedLog, other: CachedLog) -> bool:
    values = [
        {
            key: [*map(repr, map(list, (s.steps, s.values, s.along("epoch"), s.along("time"))))]
            for key, s in series.items()
        }
        for series in (one.columns.series(), other.columns.series())
    ]
    return values[0] == values[1] and (one.place, one.bad_lines) == (other.place, other.bad_lines)


def test_what_was_kept_comes_back(tmp_path: Path, cache: LogCache) -> None:
    log, kept = log_of(tmp_path / "log \udcff")
    assert cache.read(log) is None
    cache.write(log, kept)
    found = cache.read(log)
    assert found is not None
    assert same(found, kept)
    assert found.columns.start == kept.columns.start == 1e9 + 1
    more = [{"step": 51, "epoch": 5.1, "time": 1e9 + 100, "split": "train", "loss": 7.0, "kl\ud800": 1.0}]
    for columns in (found.columns, kept.columns):
        columns.add(more)
    assert same(found, kept)
    assert found.columns.series()["train", "loss"].along("time")[-1] == 99


def test_a_log_that_grew_is_known_and_one_that_is_another_is_not(tmp_path: Path, cache: LogCache) -> None:
    log, kept = log_of(tmp_path / "log")
    cache.write(log, kept)
    with open(log, "ab") as file:
        file.write(b"more\n")
    assert cache.read(log) is not None
    text = log.read_bytes()
    with open(log, "r+b") as file:
        file.write(text.replace(b"49\n", b"xx\n"))
    assert cache.read(log) is None
    with open(log, "r+b") as file:
        file.write(text)
    assert cache.read(log) is not None
    os.truncate(log, kept.place.offset - 1)
    assert cache.read(log) is None
    log.with_name("new").write_bytes(text)
    os.replace(log.with_name("new"), log)
    assert cache.read(log) is None
    log.unlink()
    assert cache.read(log) is None


def test_a_file_that_was_cut_anywhere_is_passed_over(tmp_path: Path, cache: LogCache) -> None:
    log, kept = log_of(tmp_path / "log", 3)
    cache.write(log, kept)
    path = file_of(tmp_path)
    whole = path.read_bytes()
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        assert cache.read(log) is None, length


def test_a_file_with_any_byte_changed_is_passed_over_or_says_the_same(tmp_path: Path, cache: LogCache) -> None:
    log, kept = log_of(tmp_path / "log", 3)
    cache.write(log, kept)
    path = file_of(tmp_path)
    whole = path.read_bytes()
    for place in range(len(whole)):
        for change in (1, 0x80):
            path.write_bytes(whole[:place] + bytes([whole[place] ^ change]) + whole[place + 1 :])
            found = cache.read(log)
            assert found is None or same(found, kept), place


def test_a_folder_that_takes_nothing_is_done_without(tmp_path: Path) -> None:
    log, kept = log_of(tmp_path / "log")
    (tmp_path / "file").write_bytes(b"")
    for folder in (tmp_path / "file", tmp_path / "file" / "below", Path("/proc/nothing")):
        cache = LogCache(folder)
        cache.write(log, kept)
        assert cache.read(log) is None


def test_a_full_disk_is_done_without(tmp_path: Path) -> None:
    log, kept = log_of(tmp_path / "log")
    if not Path("/dev/full").exists():
        pytest.skip("there is no /dev/full")
    folder = tmp_path / "cache"
    folder.mkdir()
    cache = LogCache(folder)
    cache.write(log, kept)
    (path,) = folder.iterdir()
    path.unlink()
    path.symlink_to("/dev/full")
    assert cache.read(log) is None
    cache.write(log, kept)
    assert cache.read(log) is not None


def test_the_logs_that_were_not_looked_at_for_longest_go_first(tmp_path: Path) -> None:
    logs = [log_of(tmp_path / f"log {number}") for number in range(4)]
    cache = LogCache(tmp_path / "cache")
    cache.write(*logs[0])
    size = next((tmp_path / "cache").iterdir()).stat().st_size
    cache = LogCache(tmp_path / "cache", most_bytes=3 * size + 100)
    for number in (1, 2):
        cache.write(*logs[number])
    for age, path in enumerate((tmp_path / "cache").iterdir()):
        os.utime(path, (1e9 + age, 1e9 + age))
    assert cache.read(logs[0][0]) is not None
    cache.write(*logs[3])
    left = [number for number, (log, _) in enumerate(logs) if cache.read(log) is not None]
    assert len(left) == 3
    assert {0, 3} <= set(left)


def test_what_a_crash_left_is_removed_and_a_log_that_is_too_large_is_not_kept(tmp_path: Path) -> None:
    log, kept = log_of(tmp_path / "log")
    folder = tmp_path / "cache"
    folder.mkdir()
    (folder / ".half.tmp").write_bytes(b"x")
    os.utime(folder / ".half.tmp", (1e9, 1e9))
    LogCache(folder, most_bytes=100).write(log, kept)
    assert [path.name for path in folder.iterdir()] == [".half.tmp"]
    LogCache(folder).write(log, kept)
    assert [path.suffix for path in folder.iterdir()] == [".columns"]


def test_the_cache_lies_where_the_user_wants_such_things(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log, kept = log_of(tmp_path / "log")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    for environ, folder in (
        ({"XDG_CACHE_HOME": str(tmp_path / "xdg")}, tmp_path / "xdg"),
        ({"XDG_CACHE_HOME": "relative"}, tmp_path / "home" / ".cache"),
        ({}, tmp_path / "home" / ".cache"),
    ):
        cache = user_cache(environ)
        assert cache is not None
        cache.write(log, kept)
        (path,) = (folder / "aetui").iterdir()
        path.unlink()


def test_a_place_from_nowhere_is_no_harm(tmp_path: Path, cache: LogCache) -> None:
    log, kept = log_of(tmp_path / "log")
    for place in (Place(-1, 2**70, b""), Place(kept.place.inode, -5, b"abc"), Place(kept.place.inode, 1, b"abc")):
        cache.write(log, CachedLog(place, kept.columns, 0))
        assert cache.read(log) is None
