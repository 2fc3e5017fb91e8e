"""What keeps the ``Entry`` of one run, or of one bundle, current."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

from aetui.follow.config_facts import LARGEST_IMAGE, WIDEST_CODE, config_facts, progress
from aetui.follow.entries import ACTIVE, Entry
from aetui.follow.log_cache import LogCache
from aetui.follow.run_log import RunLog
from export.bundle import read_bundle
from export.errors import ToolError
from trainer.runs.folder import RunFolder
from trainer.runs.status import Status, read_status

_STATE_S = 0.5
"""How often a trainer that says nothing is looked for among the processes."""

Stamp = tuple[int, ...]


class RunReader:
    """Keeps the ``Entry`` of one run current; where nothing changed a poll is five ``stat`` calls.

    cache: where long logs are kept. behind: the log holds more than was read, the next ``poll`` goes on.
    """

    def __init__(self, path: Path, cache: LogCache | None = None) -> None:
        self.behind = False
        self._run = RunFolder(path)
        self._log = RunLog(self._run.metrics, cache)
        self._entry: Entry | None = None
        self._config: dict[str, Any] = {}
        self._damage = ""
        """What is wrong with ``config.toml``."""
        self._facts: dict[str, Any] = {}
        self._status: Status | None = None
        self._progress: dict[str, Any] = {}
        self._state_due = 0.0
        # Texts, not paths: joining those costs more than the calls to which they are given.
        self._files = [os.fspath(path) for path in (self._run.config, self._run.status)]
        self._manifests = [os.fspath(path / "manifest.json") for path in (self._run.live, self._run.bundle())]
        self._stamps: list[Stamp] = [(), ()]
        self._model_stamps: list[Stamp] = [(), ()]

    @property
    def whole(self) -> bool:
        """True where ``config.toml`` and ``status.json`` were there when last looked at."""
        return all(self._stamps)

    def poll(self, deadline: float | None = None) -> Entry:
        """The run as it is now, the same object where nothing changed.

        deadline: where to stop reading a long log, in monotonic seconds; after it only a run that trains is read on.
        Never raises: what cannot be read is left as it was, or shown as unreadable.
        """
        changed = self._look() | self._look_for_trainer()
        trains = self._entry is not None and self._entry.state in ACTIVE
        if deadline is None or time.monotonic() < deadline or trains:
            changed |= self._log.poll(deadline, grows=trains)
            self.behind = self._log.behind
        else:
            self.behind = True
        if self._entry is None or changed:
            self._entry = self._made()
        return self._entry

    def _look(self) -> bool:
        """Read what was written since the last time. Returns True where something was."""
        config, status = map(stamp_of, self._files)
        changed = False
        # What cannot be read is looked at again: something that is not ours may just be writing it.
        if config and config != self._stamps[0]:
            try:
                self._config = self._run.read_config()
                changed = True
                self._damage = ""
            except ToolError as error:
                config = ()
                changed |= self._damage != error.why
                self._damage = error.why
        if status and status != self._stamps[1]:
            found = read_status(self._run)
            if found is None:
                status = ()
            else:
                self._status, changed = found, True
        models = [stamp_of(path) for path in self._manifests]
        changed = changed or models != self._model_stamps
        self._stamps, self._model_stamps = [config, status], models
        if changed:
            self._facts, self._progress = config_facts(self._config), {}
        return changed

    def _look_for_trainer(self) -> bool:
        """See whether it died without a word. Returns True where what the status means is another than before."""
        now = time.monotonic()
        if self._progress and (self._progress["state"] not in ACTIVE or now < self._state_due):
            return False
        self._state_due = now + _STATE_S
        before, self._progress = self._progress, progress(self._status, self._config)
        return before != self._progress

    def _made(self) -> Entry:
        facts = self._facts | self._progress
        if self._damage:
            facts["error"] = "; ".join(filter(None, [facts.get("error"), f"config.toml is damaged: {self._damage}"]))
        model, version = self._model(facts["state"])
        if facts.get("loss") is None and ("train", "loss") in self._log.series:
            facts["loss"] = self._log.series["train", "loss"].last
        return Entry(
            path=self._run.path,
            name=self._run.name,
            series=self._log.series,
            bad_lines=self._log.bad_lines,
            model=model,
            version=version,
            probe=self._run.probe,
            **facts,
        )

    def _model(self, state: str) -> tuple[Path | None, Stamp]:
        """The graphs to look at: the current weights, or the verified bundle that was made of them since.

        A bundle that is older than the weights is of a run that went on after it was exported.
        """
        live, bundle = self._model_stamps
        if bundle and state not in ACTIVE and (not live or bundle[-1] >= live[-1]):
            return self._run.bundle(), bundle
        return (self._run.live, live) if live else (None, ())


class BundleReader:
    """The same for a bundle, which does not change while it is looked at (where it does, it is read again)."""

    behind = False

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stamp: Stamp = ()
        self._entry = Entry(path=path, name=path.resolve().name, state="unreadable")

    def poll(self, deadline: float | None = None) -> Entry:
        """The bundle as it is now, the same object where nothing changed. deadline: of no meaning here."""
        stamp = stamp_of(self._path / "manifest.json")
        if stamp != self._stamp:
            self._stamp = stamp
            self._entry = self._read(stamp)
        return self._entry

    def _read(self, stamp: Stamp) -> Entry:
        name = self._path.resolve().name
        try:
            bundle = read_bundle(self._path)
        except (ToolError, OSError) as error:
            text = error.what if isinstance(error, ToolError) else str(error)
            return Entry(path=self._path, name=name, state="unreadable", error=text)
        manifest = bundle.manifest
        channels, height, width = manifest.image_shape
        return Entry(
            path=self._path,
            name=manifest.name or name,
            state="bundle",
            variant=manifest.variant,
            data=manifest.data,
            arch=manifest.arch,
            step=manifest.step,
            latent_dim=manifest.latent_dim if manifest.latent_dim <= WIDEST_CODE else None,
            image_shape=manifest.image_shape if channels * height * width <= LARGEST_IMAGE else None,
            model=self._path,
            version=stamp,
            probe=bundle.probe_path,
        )


def stamp_of(path: str | Path) -> Stamp:
    """Differs from call to call where the file was replaced or written; empty where it is not there."""
    try:
        found = os.stat(path)
    except OSError:
        return ()
    return (found.st_ino, found.st_size, found.st_mtime_ns)
