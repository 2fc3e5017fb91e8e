"""The fields of the form for a new run, made from the dataclasses that ``aetrain fit`` is made from."""

from __future__ import annotations

import ast
import dataclasses
import inspect
import textwrap
import typing
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from export.errors import nearest
from trainer.config import FitConfig
from trainer.ranges import Range, field_range
from trainer.variants import VARIANTS

DATA = ("digits", "faces", "moons", "circles", "swiss-roll", "fashion-mnist", "mnist")
"""The named data sets, offered while typing; a path does as well."""

COMMON = ("data", "arch", "latent_dim", "epochs", "batch_size", "lr", "device")
"""Fields of ``FitConfig`` that are always seen, in this order; the others unfold."""

SHARED, MORE = "", "more"
"""Groups of fields; the third kind is named as a variant."""


class FieldError(ValueError):
    """What is wrong with one field, in a line that stands below it."""


@dataclass(frozen=True, kw_only=True)
class Field:
    """One option. key: as in a config file (``lr``, ``variational.beta``). hint: its docstring.

    choices: what it can be, where that is a short list; () for free text. default: as text, "" where it is left to
    aetrain. required: ``None`` is no value of it. group: ``SHARED``, ``MORE`` or a variant.
    """

    key: str
    hint: str
    type: Any
    choices: tuple[str, ...]
    default: str
    required: bool
    group: str

    @property
    def flag(self) -> str:
        return "--" + self.key.replace("_", "-")

    @property
    def label(self) -> str:
        return self.key.rpartition(".")[2].replace("_", " ")

    @property
    def identifier(self) -> str:
        """For the widget: letters, digits and dashes."""
        return self.key.replace("_", "-").replace(".", "-")


@lru_cache(1)
def fields() -> dict[str, Field]:
    """Every field by its key, group by group."""
    shared = _fields_of(FitConfig, "", MORE)
    common = {key: dataclasses.replace(shared[key], group=SHARED) for key in COMMON}
    found = common | {key: field for key, field in shared.items() if key not in common}
    for name, cls in VARIANTS.items():
        found |= _fields_of(cls, f"{name}.", name)
    return found


def group(name: str) -> list[Field]:
    """The fields of a group: ``SHARED``, ``MORE`` or a variant."""
    return [field for field in fields().values() if field.group == name]


def _fields_of(cls: type[Any], prefix: str, group: str) -> dict[str, Field]:
    hints = typing.get_type_hints(cls, include_extras=True)
    said = _docstrings(cls)
    found = {}
    for field in dataclasses.fields(cls):
        hint = hints[field.name]
        choices = _choices(hint)
        found[prefix + field.name] = Field(
            key=prefix + field.name,
            hint=said.get(field.name, ""),
            type=hint,
            choices=choices,
            default=text_of(field.default),
            required=type(None) not in _kinds(hint),
            group=group,
        )
    return found


def _docstrings(cls: type[Any]) -> dict[str, str]:
    """The text below each field of a dataclass; {} where the source is not at hand."""
    try:
        body = ast.parse(textwrap.dedent(inspect.getsource(cls))).body[0]
    except (OSError, TypeError, SyntaxError):
        return {}
    assert isinstance(body, ast.ClassDef)
    found = {}
    for before, after in zip(body.body, body.body[1:], strict=False):
        text = ast.get_docstring(ast.Module([after], [])) if isinstance(after, ast.Expr) else None
        if isinstance(before, ast.AnnAssign) and isinstance(before.target, ast.Name) and text:
            found[before.target.id] = " ".join(text.split())
    return found


def _kinds(hint: Any) -> list[Any]:
    """The types that a union is of, without their ranges."""
    origin, parts = typing.get_origin(hint), typing.get_args(hint)
    if origin is typing.Annotated:
        return _kinds(parts[0])
    if parts and origin not in (Literal, tuple):
        return [kind for part in parts for kind in _kinds(part)]
    return [hint]


def _choices(hint: Any) -> tuple[str, ...]:
    """All values, where they are few and named: "" is None, left to aetrain. () where anything may be typed."""
    kinds = _kinds(hint)
    found: list[str] = []
    for kind in kinds:
        if typing.get_origin(kind) is Literal:
            found += [str(value) for value in typing.get_args(kind)]
        elif kind is bool:
            found += ["false", "true"]
        elif kind is not type(None):
            return ()
    return ("", *found) if type(None) in kinds else tuple(found)


def text_of(value: Any) -> str:
    """A value as it is typed: 0.003, 512 256, true; "" for None."""
    if value is None or value is dataclasses.MISSING:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list | tuple):
        return " ".join(map(text_of, value))
    return f"{value:g}" if isinstance(value, float) and float(f"{value:g}") == value else str(value)


def read(field: Field, text: str) -> Any:
    """``text`` as a value of the field; None for none. Raises FieldError, which says what would be one."""
    text = text.strip()
    kinds = _kinds(field.type)
    if not text:
        if field.required:
            raise FieldError(f"give a value, as {field.default}" if field.default else "give a value")
        return None
    allowed = field_range(field.type)
    for kind in kinds:
        value = _as(kind, text, allowed)
        if value is not None:
            return value
    raise FieldError(_wanted(field, kinds, text, allowed))


def _as(kind: Any, text: str, allowed: Range | None) -> Any:
    """``text`` as a ``kind``; None where it is none, or lies outside the range."""
    if typing.get_origin(kind) is Literal:
        return next((value for value in typing.get_args(kind) if str(value) == text), None)
    if typing.get_origin(kind) is tuple:
        inner = typing.get_args(kind)[0]
        parts = [_as(_kinds(inner)[0], part, allowed) for part in text.replace(",", " ").split()]
        return None if None in parts or not parts else tuple(parts)
    if kind is bool:
        return {"true": True, "false": False}.get(text)
    if kind in (int, float):
        try:
            number = kind(text)
        except ValueError:
            return None
        return number if allowed is None or number in allowed else None
    return {str: str, Path: Path}[kind](text) if kind in (str, Path) else None


def _wanted(field: Field, kinds: list[Any], text: str, allowed: Range | None) -> str:
    words = [str(value) for kind in kinds if typing.get_origin(kind) is Literal for value in typing.get_args(kind)]
    numbers = [kind for kind in kinds if kind in (int, float) or typing.get_origin(kind) is tuple]
    parts = []
    if numbers:
        whole = numbers[0] is not float
        several = typing.get_origin(numbers[0]) is tuple
        name = "whole numbers with spaces between" if several else "a whole number" if whole else "a number"
        limits = str(allowed).removeprefix("a finite number").strip(", ") if allowed else ""
        parts.append(f"{name}{' ' + limits if limits else ''}")
    if words:
        parts.append(f"one of {', '.join(words)}" if len(words) > 1 else words[0])
    guess = nearest(text, words) if words and not numbers else None
    return f"must be {', or '.join(parts) or 'something else'}" + (f"; did you mean {guess}?" if guess else "")
