"""Options of any kind for hypothesis, drawn from the annotations of their dataclasses: what is added is drawn, too."""

from __future__ import annotations

import dataclasses
import math
import typing
from pathlib import Path
from typing import Annotated, Any, Literal

from hypothesis import assume
from hypothesis import strategies as st

from export.errors import ToolError
from trainer.config import FitConfig, RunConfig, check
from trainer.ranges import Range, field_range
from trainer.variants import VARIANTS

_WORDS = st.text("abcdefgh ._-é", min_size=1, max_size=8).filter(lambda word: word.strip() == word and word[0] != "-")

_NAMED: dict[str, st.SearchStrategy[Any]] = {
    "device": st.sampled_from(["auto", "cpu", "cuda", "cuda:0", "cuda:3"]),
    "data": st.sampled_from(["digits", "fashion-mnist"]) | _WORDS,
    "data_dir": _WORDS.map(lambda word: Path("/tmp") / word),  # absolute, as a run's config has it
}
"""Options whose type says too little."""


def values(name: str, hint: Any) -> st.SearchStrategy[Any]:
    """Whatever the option may be, without None."""
    if name in _NAMED:
        return _NAMED[name]
    return _values(hint, None)


def _values(hint: Any, allowed: Range | None) -> st.SearchStrategy[Any]:
    allowed = field_range(hint) or allowed
    origin, parts = typing.get_origin(hint), [part for part in typing.get_args(hint) if part is not type(None)]
    if origin is Annotated:
        return _values(parts[0], allowed)
    if origin is Literal:
        return st.sampled_from(parts)
    if origin is tuple:
        if parts[-1] is Ellipsis:
            return st.lists(_values(parts[0], allowed), min_size=1, max_size=3).map(tuple)
        return st.tuples(*(_values(part, allowed) for part in parts))
    if parts:
        return st.one_of(*(_values(part, None) for part in parts))
    if hint is bool:
        return st.booleans()
    allowed = allowed or Range(-1e9, 1e9)
    low, high = max(allowed.low, -1e9), min(allowed.high, 1e9)
    if hint is int:
        return st.integers(math.ceil(low), math.floor(high))
    if hint is float:
        return st.floats(low, high, exclude_min=allowed.open_low, allow_subnormal=False)
    raise AssertionError(f"draw a {hint} somehow")


def changes(cls: type[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Values of some options of a dataclass."""
    hints = typing.get_type_hints(cls, include_extras=True)
    drawn = {field.name: values(field.name, hints[field.name]) for field in dataclasses.fields(cls)}
    names = st.lists(st.sampled_from(list(drawn)), unique=True, max_size=6) if drawn else st.just([])
    return names.flatmap(lambda chosen: st.fixed_dictionaries({name: drawn[name] for name in chosen}))


@st.composite
def run_configs(draw: st.DrawFn, variant: str) -> RunConfig:
    """A run of the variant that ``fit`` would take."""
    fit, own = draw(changes(FitConfig)), draw(changes(VARIANTS[variant]))
    try:
        config = RunConfig(fit=FitConfig(**fit), variant=VARIANTS[variant](**own))
        check(config.fit, [config.variant])
    except ToolError:
        assume(False)
    return config
