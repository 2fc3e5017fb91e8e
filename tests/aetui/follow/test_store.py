"""The store and its thread: what is looked at when, and that nothing is done where nothing changed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from aetui.follow import store as store_module
from aetui.follow.log_cache import LogCache
from aetui.follow.readers import RunReader
from aetui.follow.sources import Sources
from aetui.follow.store import Follower, Store
from trainer.runs.folder import RunFolder
from trainer.runs.status import Status, boot_id, read_status, write_status

MakeRun = Callable[..., RunFolder]
LogMore = Callable[[RunFolder, int, int], None]


def store_of(folder: Path, cache: LogCache | None = None) -> Store:
    return Store(Sources(runs_dir=folder, folders=(folder,)), cache)


def say(run: RunFolder, **changes: object) -> None:
    """Replace what the run's status says."""
    status = read_status(run)
    assert status is not None
    write_status(run, Status(**{**vars(status), **changes}))  # type: ignore[arg-type]


def long_log(run: RunFolder, rows: int = 8000) -> None:
    row = {"split": "train", "epoch": 1.0, "time": 5.0, "loss": 1.0, "kl": 0.5, "reconstruction": 0.5}
    run.metrics.write_text("".join(json.dumps({"step": step, **row}) + "\n" for step in range(rows)))


def test_the_newest_run_comes_first(make_run: MakeRun, runs_dir: Path) -> None:
    make_run("old", started=1.0)
    make_run("new", started=2.0)
    store = store_of(runs_dir)
    assert store.poll()
    assert [entry.name for entry in store.entries] == ["new", "old"]


def test_a_poll_that_finds_nothing_new_says_so_and_leaves_the_entries(make_run: MakeRun, runs_dir: Path) -> None:
    make_run("a")
    make_run("b", state="running", live=True)
    store = store_of(runs_dir)
    assert store.poll()
    before = store.entries
    assert not store.poll(all_runs=True)
    assert store.entries is before


def test_only_the_run_that_changed_is_another_object(make_run: MakeRun, runs_dir: Path, log_more: LogMore) -> None:
    make_run("a")
    run = make_run("b", state="running")
    store = store_of(runs_dir)
    store.poll()
    before = {entry.name: entry for entry in store.entries}
    log_more(run, 11, 12)
    assert store.poll()
    after = {entry.name: entry for entry in store.entries}
    assert after["a"] is before["a"]
    assert len(after["b"].series["train", "loss"].steps) == 12


def test_runs_come_and_go(make_run: MakeRun, runs_dir: Path) -> None:
    store = store_of(runs_dir)
    assert store.poll()
    assert store.entries == ()
    run = make_run("a")
    assert store.poll(all_runs=True)
    assert [entry.name for entry in store.entries] == ["a"]
    os.rename(run.path, runs_dir.parent / "elsewhere")
    assert store.poll(all_runs=True)
    assert store.entries == ()


def test_a_single_run_and_one_that_loses_its_files_go_too(make_run: MakeRun, runs_dir: Path) -> None:
    run, other = make_run("a"), make_run("b")
    store = Store(Sources(runs_dir=runs_dir, runs=(run.path, other.path)))
    store.poll()
    other.status.unlink()
    os.rename(run.path, runs_dir.parent / "elsewhere")
    for _ in range(2):
        store.poll(all_runs=True)
    assert store.entries == ()


def test_a_run_that_vanishes_between_two_looks_breaks_nothing(make_run: MakeRun, runs_dir: Path) -> None:
    run = make_run("a", state="running")
    store = store_of(runs_dir)
    store.poll()
    os.rename(run.path, runs_dir.parent / "elsewhere")
    store.poll()
    assert [entry.name for entry in store.entries] == ["a"]


def test_a_folder_that_is_not_there_yet_is_waited_for(tmp_path: Path) -> None:
    store = store_of(tmp_path / "later")
    assert store.poll()
    assert not store.poll(all_runs=True)


def test_a_run_that_begins_to_train_is_looked_at_often_from_then_on(make_run: MakeRun, runs_dir: Path) -> None:
    run = make_run("a")
    store = store_of(runs_dir)
    store.poll(all_runs=True)
    assert store.pause_s() > store_module.POLL_S
    say(run, state="running")
    assert store.poll(all_runs=True)
    assert store.entries[0].state == "running"
    assert store.pause_s() == store_module.POLL_S


def test_a_trainer_that_died_without_a_word_is_stale(
    make_run: MakeRun, runs_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("aetui.follow.readers._STATE_S", 0.0)
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    make_run("a", state="running", pid=child.pid, boot_id=boot_id())
    store = store_of(runs_dir)
    store.poll()
    assert store.entries[0].state == "running"
    child.kill()
    child.wait()
    assert store.poll()
    assert store.entries[0].state == "stale"


def test_facts_are_there_before_a_long_log_and_the_newest_run_has_its_log_first(
    make_run: MakeRun, runs_dir: Path
) -> None:
    runs = [make_run(name, started=float(number)) for number, name in enumerate("abc")]
    for run in runs:
        long_log(run)
    store, seen = store_of(runs_dir), []
    for _ in range(200):
        store.poll(all_runs=True, patience_s=0.0001)
        seen.append([len(entry.series["train", "loss"].steps) if entry.series else 0 for entry in store.entries])
        if store.pause_s() > store_module.POLL_S:
            break
    assert [entry.name for entry in store.entries] == ["c", "b", "a"]
    assert seen[0][1:] == [0, 0]
    assert seen[-1] == [8000] * 3
    assert all(newest >= next_one >= oldest for newest, next_one, oldest in seen)
    assert len({tuple(counts) for counts in seen}) > 6


def test_a_run_that_trains_is_read_on_while_a_long_log_comes_in(
    make_run: MakeRun, runs_dir: Path, log_more: LogMore
) -> None:
    long_log(make_run("long", started=9e9))
    run = make_run("live", state="running")
    store = store_of(runs_dir)
    for last in range(11, 14):
        store.poll(patience_s=0.0)
        log_more(run, last, last)
    store.poll(patience_s=0.0)
    long, live = store.entries
    assert len(live.series["train", "loss"].steps) == 13
    assert not long.series
    assert store.pause_s() < store_module.POLL_S


def test_long_logs_are_kept_for_the_next_time(make_run: MakeRun, runs_dir: Path, tmp_path: Path) -> None:
    run = make_run("a")
    long_log(run, 40_000)
    cache = LogCache(tmp_path / "cache")
    store_of(runs_dir, cache).poll()
    kept = cache.read(run.metrics)
    assert kept is not None
    store = store_of(runs_dir, cache)
    store.poll()
    assert len(store.entries[0].series["train", "loss"].steps) == 40_000


def test_a_status_that_is_damaged_for_a_moment_is_read_when_it_is_whole(make_run: MakeRun, runs_dir: Path) -> None:
    run = make_run("a")
    reader = RunReader(run.path)
    text = run.status.read_text()
    run.status.write_text(text[:40])
    assert (reader.poll().state, reader.poll().error) == ("unreadable", "status.json is missing or damaged")
    run.status.write_text(text)
    assert (reader.poll().state, reader.poll().error) == ("finished", None)
    run.status.write_text(text[:40])
    assert reader.poll().state == "finished"


def test_a_config_that_is_damaged_says_where_until_it_is_whole(make_run: MakeRun) -> None:
    run = make_run("a")
    reader, text = RunReader(run.path), run.config.read_text()
    for damaged, where in (("[[[[", "line 1"), ("variant = 3 3", "line 1"), (text + "\n]", "line ")):
        run.config.write_text(damaged)
        entry = reader.poll()
        assert entry.state == "finished"
        assert entry.error is not None
        assert entry.error.startswith("config.toml is damaged: ")
        assert where in entry.error
        assert reader.poll() is entry
    run.config.write_text(text)
    assert reader.poll().error is None


def test_why_a_run_stopped_reaches_its_entry(make_run: MakeRun) -> None:
    run = make_run("a", state="stopped", note="no better for 5 epochs")
    assert RunReader(run.path).poll().note == "no better for 5 epochs"


def test_the_follower_tells_what_it_saw_and_ends(make_run: MakeRun, runs_dir: Path, log_more: LogMore) -> None:
    run = make_run("a", state="running")
    store, seen = store_of(runs_dir), threading.Event()
    follower = Follower(store, seen.set)
    follower.start()
    assert seen.wait(10)
    seen.clear()
    log_more(run, 11, 11)
    assert seen.wait(10)
    follower.stop()
    assert not any(thread.name == "follow runs" for thread in threading.enumerate())
