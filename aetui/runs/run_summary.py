"""What the pane beside the curve says of a run, from files of its folder that are read when they change."""

from __future__ import annotations

import os
from collections.abc import Sequence

from aetui.follow.entries import Entry
from aetui.runs.form_fields import fields, text_of
from aetui.runs.run_facts import Facts, alerts, config_differences, configs_of, evaluation, everything
from trainer.runs.folder import RunFolder

_SAID = ("run", "variant", "data", "split")
"""What an evaluation repeats of the run."""

_USUAL = {field.key: field.default for field in fields().values()}


class Summary:
    """Remembers the lines of the run that was shown last, and of the marked ones."""

    def __init__(self) -> None:
        self._key: tuple[object, ...] = ()
        self._lines: Facts = []

    def lines(self, entry: Entry, marked: Sequence[Entry]) -> Facts:
        """Options, evaluation and alerts of ``entry``; where several are marked, in what they differ comes first."""
        run = RunFolder(entry.path)
        files = (run.config, run.evaluation, run.health)
        key = (tuple(one.path for one in marked), *(_stamp(str(path)) for path in files), entry.path)
        if key != self._key:
            self._key, self._lines = key, self._read(entry, marked, run)
        return self._lines

    def _read(self, entry: Entry, marked: Sequence[Entry], run: RunFolder) -> Facts:
        lines: Facts = []
        if len(marked) > 1:
            lines += [
                (f"{key.rpartition('.')[2]}", " | ".join(v or "-" for v in values)) for key, values in differ(marked)
            ]
            lines.insert(0, ("differ", " | ".join(one.name for one in marked)))
        lines += [("alert", f"{step}: {text}") for step, text in alerts(run)[-2:]]
        lines += [(name, value) for name, value in evaluation(run) if name not in _SAID]
        lines += _options(entry)
        return lines

    def everything(self, entry: Entry, marked: Sequence[Entry]) -> tuple[str, list[tuple[str, Facts]]]:
        """(title, parts) of the dialog: all about the run; of several marked ones first how they differ."""
        parts = everything(entry)
        if len(marked) > 1:
            rows: Facts = [(f"({i})", one.name) for i, one in enumerate(marked, 1)]
            rows += [
                (key, "   ".join(f"({i}) {value or '-'}" for i, value in enumerate(values, 1)))
                for key, values in differ(marked)
            ]
            parts.insert(0, (f"{len(marked)} marked runs differ", rows))
        return entry.name, parts


def differ(marked: Sequence[Entry]) -> list[tuple[str, list[str]]]:
    """The options in which runs differ; those of one variant count where two runs have them."""
    found = config_differences(configs_of(marked))
    return [(key, values) for key, values in found if "." not in key or sum(value != "" for value in values) > 1]


def _options(entry: Entry) -> Facts:
    """How the network and the training are made: what always matters, and what is not as it usually is."""
    found: Facts = []
    if entry.image_shape is not None:
        found.append(("images", "×".join(map(str, entry.image_shape)) + " (channels, height, width)"))
    if entry.latent_dim is not None:
        found.append(("latent dim", str(entry.latent_dim)))
    if entry.learning_rate is not None and entry.batch_size is not None:
        found.append(("training", f"lr {entry.learning_rate:g}, {entry.batch_size} images per step"))
    own = [f"{name.replace('_', ' ')} {text_of(value)}" for name, value in entry.options.items()]
    shared = [
        f"{name.replace('_', ' ')} {text_of(value)}"
        for name, value in entry.shared.items()
        if name in _USUAL and text_of(value) != _USUAL[name] and name not in ("data", "arch", "lr", "batch_size")
    ]
    return found + [(entry.variant, ", ".join(own))] * bool(own) + [("options", ", ".join(shared))] * bool(shared)


def _stamp(path: str) -> tuple[int, int]:
    try:
        found = os.stat(path)
    except OSError:
        return (0, 0)
    return (found.st_size, found.st_mtime_ns)
