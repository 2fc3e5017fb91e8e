"""What a form for a new run says: is it right, and which command line is it? Pure; the screen only shows it."""

from __future__ import annotations

import dataclasses
import os
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from aetui.runs.form_fields import DATA, MORE, Field, FieldError, fields, group, read, text_of
from export.errors import ToolError, nearest
from trainer.config import FitConfig, check
from trainer.naming import free_folders, run_names
from trainer.variants import VARIANTS, Variant

NAME, WHOLE = "name", ""
"""Keys of problems that belong to no option: the run's name, and the form as a whole."""


@dataclass(frozen=True, kw_only=True)
class Draft:
    """variants: those that are ticked. values: key → text, of the fields that were touched. name: "": a dated one."""

    runs_dir: Path
    variants: tuple[str, ...] = ("variational",)
    values: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    name: str = ""

    def value(self, field: Field) -> str:
        """The text in the field."""
        return self.values.get(field.key, field.default)


def shown_fields(draft: Draft) -> list[Field]:
    """The fields that count: the shared ones, and those of the ticked variants."""
    return [field for field in fields().values() if field.group not in VARIANTS or field.group in draft.variants]


def problems(draft: Draft) -> dict[str, str]:
    """What is wrong, by the key of the field that it is about (``NAME``, ``WHOLE``); {} where all is well.

    The same ranges and rules that ``aetrain fit`` goes by; what only the data can tell comes from it at the start.
    """
    found: dict[str, str] = {}
    values: dict[str, Any] = {}
    for one in shown_fields(draft):
        try:
            values[one.key] = read(one, draft.value(one))
        except FieldError as error:
            found[one.key] = str(error)
    if "data" not in found and (wrong := _wrong_data(values["data"])):
        found["data"] = wrong
    if not draft.variants:
        found[WHOLE] = "tick at least one variant (Space)"
    elif not found:
        found |= _wrong_together(draft, values)
    if draft.variants and (wrong := _wrong_name(draft)):
        found[NAME] = wrong
    return found


def _wrong_data(name: str) -> str:
    try:
        known = name in DATA or Path(name).expanduser().exists()
    except (OSError, ValueError):
        known = False
    if known:
        return ""
    guess = nearest(name, DATA)
    return f"no data set and no path {name!r}" + (f"; did you mean {guess}?" if guess else f": {', '.join(DATA)}")


def _wrong_together(draft: Draft, values: Mapping[str, Any]) -> dict[str, str]:
    """What the options say against each other; under the one that the message names first."""
    try:
        variants = [_variant(name, values) for name in draft.variants]
        check(FitConfig(**{key: value for key, value in values.items() if "." not in key}), variants)
    except ToolError as error:
        text = f"{error.what}: {error.why}; {error.do}"
        said = error.what.split()
        named = [one for one in shown_fields(draft) if one.flag in said or one.key in said]
        return {named[0].key if named else WHOLE: text}
    return {}


def _variant(name: str, values: Mapping[str, Any]) -> Variant:
    cls = VARIANTS[name]
    return cls(**{one.name: values[f"{name}.{one.name}"] for one in dataclasses.fields(cls)})


def _wrong_name(draft: Draft) -> str:
    if not draft.name:
        return ""
    try:
        free_folders(draft.runs_dir, run_names(draft.name, list(draft.variants), "data"), dated=False)
    except ToolError as error:
        return f"{error.what}: {error.why}"
    except (OSError, ValueError) as error:
        return str(error)
    return ""


def arguments(draft: Draft) -> list[str]:
    """The words of the command line after ``aetrain``; options that say nothing new are left out."""
    words = ["fit", *draft.variants]
    for one in shown_fields(draft):
        text = draft.value(one).strip()
        if text and text != one.default:
            words += _words(one, text)
    if draft.name:
        words.append(f"--name={draft.name}")
    if str(draft.runs_dir) != "runs":
        words.append(f"--runs-dir={draft.runs_dir}")
    return words


def _words(field: Field, text: str) -> list[str]:
    try:
        value = read(field, text)
    except FieldError:
        value = text
    if value is True:
        return [field.flag]
    if isinstance(value, tuple):
        return [field.flag, *map(str, value)]
    if isinstance(value, Path) or field.key == "data":
        return [f"{field.flag}={os.path.expanduser(text)}"]
    return [f"{field.flag}={text}"]


def command_line(draft: Draft) -> str:
    """What to type into a shell for the same run."""
    return shlex.join(["aetrain", *arguments(draft)])


def draft_of(config: Mapping[str, Any], runs_dir: Path) -> Draft:
    """The form filled in as the run with this ``config.toml``; what it does not know is left out."""
    variant = config.get("variant")
    known = fields()
    variant = variant if isinstance(variant, str) and variant in VARIANTS else None
    own = config.get(variant) if variant else None
    flat = {**config, **{f"{variant}.{key}": value for key, value in (own.items() if isinstance(own, Mapping) else ())}}
    values = {
        key: text_of(value)
        for key, value in flat.items()
        if key in known and isinstance(value, str | int | float | list)
    }
    return Draft(runs_dir=runs_dir, variants=(variant or "variational",), values=MappingProxyType(values))


def unfolded(draft: Draft) -> bool:
    """Whether a field among those that are folded away says something of its own."""
    return any(draft.value(one) != one.default for one in group(MORE))
