"""A grid over the options of ``aetrain fit``: its points, each an ordinary run. Torch-free.

The grid's options are made from ``FitConfig`` and the variants' own dataclasses: each option there is an axis here.
"""

from __future__ import annotations

import ast
import dataclasses
import inspect
import itertools
import math
import textwrap
import typing
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from cyclopts import CycloptsError, Parameter

from export.errors import ToolError, unknown
from trainer.config import FitConfig, RunConfig, check, variant_options
from trainer.naming import point_name, value_text
from trainer.variants import VARIANTS
from trainer.words import convert_exactly

MOST_POINTS = 10_000
"""A larger grid is a slip of the keyboard."""

DEVICES = "device"
"""The one option whose values are no axis: the runs are dealt out to them."""

Axes = dict[str, tuple[Any, ...]]
"""Option → the values that it takes; ``variational.beta`` for a variant's own."""


@dataclass(frozen=True, kw_only=True)
class Point:
    """One run of a sweep. varied: the options that differ between the runs of this variant, with its values."""

    name: str
    config: RunConfig
    varied: Mapping[str, Any]

    @property
    def label(self) -> str:
        """For people: ``variational, latent-dim 5, beta 4``."""
        words = [self.config.variant.name]
        words += [f"{flag(option).rpartition('.')[2]} {value_text(value)}" for option, value in self.varied.items()]
        return ", ".join(words)

    def fit_arguments(self) -> list[str]:
        """What ``aetrain`` is given to train this point, without its name and place."""
        variant = self.config.variant
        own = _flags(variant, f"--{variant.name}.")
        return ["fit", variant.name, *_flags(self.config.fit, "--"), *own]


def flag(option: str) -> str:
    """``latent_dim`` as it is written on the command line."""
    return option.replace("_", "-")


def fit_grid() -> type[Any]:
    """``FitConfig`` with a tuple of values per option (switches stay switches)."""
    return _grid_class(FitConfig, "FitGrid")


def variant_grids() -> type[Any]:
    """A dataclass with one field per variant that has options, which holds its grid (``--variational.beta 1 4``)."""
    fields = [(f.name, _grid_class(VARIANTS[f.name], f.name.title())) for f in dataclasses.fields(variant_options())]
    return _made("VariantGrids", [(name, grid, dataclasses.field(default_factory=grid)) for name, grid in fields])


def points(sweep: str, shared: Any, own: Any, variants: Sequence[str]) -> list[Point]:
    """The grid's points, each checked, variant by variant; the last option of ``FitConfig`` varies fastest.

    sweep: what their names begin with. shared: a ``fit_grid()``; own: a ``variant_grids()``. A variant whose code is as
    wide as the image has no axis latent_dim where others of the sweep have. Raises ToolError (exit 2).
    """
    picked = _pick(variants)
    _refuse_options_of_others(own, picked)
    shared_axes = axes(shared, FitConfig)
    shared_axes[DEVICES] = shared_axes[DEVICES][:1]
    found: list[Point] = []
    for name in picked:
        grid = dict(shared_axes)
        if not VARIANTS[name].takes_latent_dim and any(VARIANTS[other].takes_latent_dim for other in picked):
            grid["latent_dim"] = (None,)
        grid |= axes(getattr(own, name, None), VARIANTS[name], f"{name}.")
        if (count := math.prod(map(len, grid.values()))) > MOST_POINTS:
            raise ToolError(f"a grid of {count:,} runs", why=f"the most is {MOST_POINTS:,}", do="give fewer values")
        found += [_point(sweep, name, grid, values) for values in itertools.product(*grid.values())]
    counts = Counter(point.name for point in found)
    if twice := next((name for name, count in counts.items() if count > 1), None):
        raise ToolError(
            f"two runs of the sweep would be called {twice}",
            why="two values of an option look alike in a name",
            do="sweep over them one after the other",
        )
    return found


def axes(grid: Any, cls: type[Any], prefix: str = "") -> Axes:
    """The values of each option of ``cls`` in ``grid``; what was not given has its default as the only one.

    Raises ToolError (exit 2) for an option without a value, or with the same twice.
    """
    hints = typing.get_type_hints(cls)
    found: Axes = {}
    for field in dataclasses.fields(cls):
        given = getattr(grid, field.name, None)
        values = given if isinstance(given, tuple) else (field.default if given is None else given,)
        option = flag(prefix + field.name)
        if _is_list(hints[field.name]):
            values = tuple(_parted(value, hints[field.name], option) for value in values)
        if not values:
            raise ToolError(f"--{option} requires an argument", why="it is empty", do="aetrain sweep --help")
        if any(value in values[:place] for place, value in enumerate(values)):
            raise ToolError(f"--{option} has a value twice", why="each value is one run", do="give it once")
        found[prefix + field.name] = values
    return found


def sweep_table(table: dict[str, Any]) -> dict[str, Any]:
    """A config file's options as the flags of a sweep take them: a list is several values of an option.

    Where an option is itself a list, a list of numbers is one value (as a run's config.toml has it), a list of lists
    several.
    """

    def several(value: Any, cls: type[Any], name: str) -> Any:
        hints = typing.get_type_hints(cls)
        if name not in hints or not _is_list(hints[name]) or not isinstance(value, list):
            return value
        values = value if all(isinstance(item, list) for item in value) else [value]
        return [",".join(map(str, item)) for item in values]

    return {
        key: {name: several(item, VARIANTS[key], name) for name, item in value.items()}
        if key in VARIANTS and isinstance(value, dict)
        else several(value, FitConfig, key)
        for key, value in table.items()
    }


def _pick(variants: Sequence[str]) -> list[str]:
    for name in variants:
        if name not in VARIANTS:
            raise unknown("variant", name, VARIANTS)
    if len(set(variants)) < len(variants):
        raise ToolError("a variant is named twice", why="each is one run", do="name it once")
    return list(variants or VARIANTS)


def _point(sweep: str, variant: str, grid: Axes, values: tuple[Any, ...]) -> Point:
    chosen = dict(zip(grid, values, strict=True))
    prefix = f"{variant}."
    own = {option.removeprefix(prefix): value for option, value in chosen.items() if option.startswith(prefix)}
    shared = {option: value for option, value in chosen.items() if "." not in option}
    config = RunConfig(fit=FitConfig(**shared), variant=VARIANTS[variant](**own))
    varied = {option: value for option, value in chosen.items() if len(grid[option]) > 1}
    point = Point(name=point_name(sweep, variant, varied), config=config, varied=varied)
    try:
        check(config.fit, [config.variant])
    except ToolError as error:
        where = f" (for {point.label})" if varied else ""
        raise ToolError(error.what + where, why=error.why, do=error.do, exit_code=error.exit_code) from error
    return point


def _refuse_options_of_others(own: Any, picked: list[str]) -> None:
    given = variant_options()()
    for name in VARIANTS:
        if hasattr(own, name) and name not in picked:
            changed = {
                option.removeprefix(f"{name}."): value
                for option, values in axes(getattr(own, name), VARIANTS[name], f"{name}.").items()
                for value in values
                if value != getattr(VARIANTS[name](), option.removeprefix(f"{name}."))
            }
            given = dataclasses.replace(given, **{name: VARIANTS[name](**changed)})
    check(FitConfig(), [VARIANTS[name]() for name in picked], given)


def _grid_class(cls: type[Any], name: str) -> type[Any]:
    """A dataclass with the options of ``cls``, each a tuple of its values."""
    hints = typing.get_type_hints(cls, include_extras=True)
    words = _field_docs(cls)
    return _made(name, [_axis(f.name, hints[f.name], f.default, words[f.name]) for f in dataclasses.fields(cls)])


def _axis(name: str, hint: Any, default: Any, words: str) -> tuple[str, Any, Any]:
    if hint is bool:
        return name, Annotated[bool, Parameter(help=words)], default
    several: Any = tuple[hint, ...] | None
    metavar = None
    if _is_list(hint):
        several, metavar = tuple[str, ...] | None, "A,B..."
        words += " A comma joins the parts of one value: 512,256 64."
    if name == DEVICES:
        words += " Several cuda:N: runs are dealt out to them."
    shown = Parameter(help=words, metavar=metavar, show_default=False if default is None else _shown)
    return name, Annotated[several, shown], None if default is None else (default,)


def _shown(values: tuple[Any, ...]) -> str:
    return " ".join(map(value_text, values))


def _made(name: str, fields: list[tuple[str, Any, Any]]) -> type[Any]:
    made = dataclasses.make_dataclass(name, fields, frozen=True, kw_only=True)
    made.__module__ = __name__
    return made


def _field_docs(cls: type[Any]) -> dict[str, str]:
    """The docstring below each field, on one line; Python itself forgets them."""
    found = {field.name: "" for field in dataclasses.fields(cls)}
    for base in reversed(cls.__mro__[:-1]):
        body = ast.parse(textwrap.dedent(inspect.getsource(base))).body[0]
        for field, below in itertools.pairwise(body.body if isinstance(body, ast.ClassDef) else []):
            if not (isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name)):
                continue
            if isinstance(below, ast.Expr) and isinstance(below.value, ast.Constant):
                found[field.target.id] = " ".join(str(below.value.value).split())
    return found


def _is_list(hint: Any) -> bool:
    return typing.get_origin(hint) is tuple or any(_is_list(part) for part in typing.get_args(hint))


def _parted(value: Any, hint: Any, option: str) -> Any:
    """The value of an option that is itself a list, from its one word: ``512,256`` is (512, 256)."""
    if not isinstance(value, str):
        return value
    kinds = [kind for kind in typing.get_args(hint) or (hint,) if kind is not type(None)]
    parts = value.split(",")
    for kind in (hint,) if typing.get_origin(hint) is tuple else kinds:
        if typing.get_origin(kind) is not tuple and len(parts) > 1:
            continue
        try:
            return convert_exactly(kind, parts)
        except CycloptsError:
            continue
    raise ToolError(
        f"invalid value for --{option}: {value!r}",
        why="a value is numbers with commas between them, without spaces",
        do=f"give them as in --{option} 512,256 64",
    )


def _flags(options: Any, prefix: str) -> list[str]:
    """The flags that give ``options``, a dataclass instance, where they are not the default."""
    given = []
    for field in dataclasses.fields(options):
        value = getattr(options, field.name)
        if value != field.default:
            values = value if isinstance(value, tuple) else (value,)
            given += [f"{prefix}{flag(field.name)}={value_text(item)}" for item in values]
    return given
