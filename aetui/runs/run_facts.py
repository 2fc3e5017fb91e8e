"""What is to be said of a run beside the table: a few lines, or all of it with its folder's files read."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

from aetui.follow.entries import Entry
from aetui.runs.columns import difference
from aetui.runs.filter_fields import last_term
from aetui.runs.form_fields import text_of
from aetui.runs.spark import duration, rate, short_number
from aetui.runs.trash import size_bytes, size_text
from export.errors import ToolError
from trainer.runs.folder import RunFolder

Facts = list[tuple[str, str]]
"""(label, text from outside), a line each."""

_LOG_LINES = 12
_TAIL_BYTES = 16_384
_UNSAID = ("schema", "variant", "data", "arch")


def details(entry: Entry, baseline: Entry | None = None) -> Facts:
    """What the table may have had no room for."""
    found = [
        ("run", entry.name),
        ("is", f"{entry.variant} ({entry.arch}) on {entry.data}" + _terms(entry)),
        ("state", _state(entry)),
    ]
    if entry.error:
        found.insert(0, ("error", entry.error))
    if entry.note:
        found.append(("note", entry.note))
    if entry.bad_lines:
        found.append(("log", f"{entry.bad_lines} unreadable lines left out"))
    if baseline is not None and baseline.path != entry.path:
        found.insert(2, ("base", _against(entry, baseline)))
    return found


def _terms(entry: Entry) -> str:
    """The last value of every term, on validation where there is one."""
    parts = [f"{term} {short_number(last_term(entry, term))}" for term in entry.terms() if term != "loss"]
    return f": {', '.join(parts)}" if parts else ""


def _state(entry: Entry) -> str:
    parts = [entry.state]
    if entry.step is not None:
        parts.append(f"step {entry.step}" + (f" of {entry.steps}" if entry.steps else ""))
    if entry.images_per_s is not None:
        parts.append(f"{rate(entry.images_per_s)} images/s")
    if entry.eta_s is not None:
        parts.append(f"ready in {duration(entry.eta_s)}")
    if entry.device:
        parts.append(f"on {entry.device}")
    return ", ".join(parts)


def _against(entry: Entry, baseline: Entry) -> str:
    found = difference(entry, baseline)
    if found is None:
        return f"{baseline.name}: its loss is a sum of other things, or one of the two has none"
    share = f" ({found / abs(baseline.loss):+.1%})" if baseline.loss else ""
    return f"loss {found:+.4g}{share} against {baseline.name}"


def everything(entry: Entry) -> list[tuple[str, Facts]]:
    """All that is known of a run, (title, lines) by part. Reads its folder; what cannot be read is left out."""
    run = RunFolder(entry.path)
    parts = [("", [*details(entry), ("folder", str(entry.path.absolute()))])]
    if entry.state == "bundle":
        return parts
    parts[0][1].append(("size", size_text(size_bytes(entry.path))))
    parts.append(("alerts", alerts(run)))
    parts.append(("evaluation", evaluation(run)))
    try:
        config = flat(run.read_config())
    except ToolError as error:
        config = {"": f"{error.what}: {error.why}"}
    for title, prefix in (("options", ""), ("resolved", "resolved.")):
        chosen = [(key, value) for key, value in config.items() if key.startswith("resolved.") == bool(prefix)]
        parts.append((title, [(key.removeprefix(prefix), value) for key, value in chosen if key not in _UNSAID]))
    parts.append(("end of trainer.log", [("", line) for line in _tail(run)]))
    return [(title, lines) for title, lines in parts if lines]


def alerts(run: RunFolder) -> Facts:
    """What the trainer found wrong with the training (``health.jsonl``), oldest first."""
    found = []
    for line in _lines(run.health):
        try:
            row = json.loads(line)
            if isinstance(row, dict) and isinstance(row.get("text"), str):
                found.append((f"step {row.get('step')}", f"{row['text']}; {row.get('hint', '')}"))
        except ValueError:
            continue
    return found


def evaluation(run: RunFolder) -> Facts:
    """The numbers of ``eval.json``, as ``aetrain eval`` wrote them."""
    try:
        value = json.loads(run.evaluation.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return []
    value = value[0] if isinstance(value, list) and value else value
    if not isinstance(value, dict):
        return []
    return [(str(key), _number(item)) for key, item in value.items() if isinstance(item, str | int | float | bool)]


def _number(value: object) -> str:
    if isinstance(value, float) and math.isfinite(value):
        return f"{value:.6g}"
    return text_of(value)


def flat(config: Mapping[str, Any], prefix: str = "") -> dict[str, str]:
    """A config as one line per option, ``variational.beta`` for those in a table."""
    found: dict[str, str] = {}
    for key, value in config.items():
        if isinstance(value, Mapping):
            found |= flat(value, f"{prefix}{key}.")
        else:
            found[f"{prefix}{key}"] = text_of(value)
    return found


def config_differences(configs: Sequence[Mapping[str, Any]]) -> list[tuple[str, list[str]]]:
    """The options in which runs differ: (key, the value of each run, "" where it has none); nothing resolved."""
    tables = [{k: v for k, v in flat(config).items() if not k.startswith("resolved.")} for config in configs]
    keys = dict.fromkeys(key for table in tables for key in table)
    rows = [(key, [table.get(key, "") for table in tables]) for key in keys]
    return [(key, values) for key, values in rows if len(set(values)) > 1]


def configs_of(entries: Sequence[Entry]) -> list[Mapping[str, Any]]:
    """The ``config.toml`` of each; {} for one that cannot be read."""
    found: list[Mapping[str, Any]] = []
    for entry in entries:
        try:
            found.append(RunFolder(entry.path).read_config())
        except ToolError:
            found.append({})
    return found


def _tail(run: RunFolder) -> list[str]:
    return _lines(run.log)[-_LOG_LINES:]


def _lines(path: Any) -> list[str]:
    """The last lines of a text file, at most ``_TAIL_BYTES`` of them; [] where it cannot be read."""
    try:
        with open(path, "rb") as file:
            file.seek(0, 2)
            start = max(0, file.tell() - _TAIL_BYTES)
            file.seek(start)
            lines = file.read().decode("utf-8", "replace").splitlines()
    except OSError:
        return []
    return lines[1:] if start else lines
