"""What can be asked of a training run: one source for flags, TOML keys, forms and the run folder. Torch-free."""

from __future__ import annotations

import dataclasses
import math
import re
import tomllib
import typing
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal

from export.errors import ExitCode, ToolError, nearest, unknown
from trainer.ranges import NaturalInt, NonNegative, Positive, PositiveInt, Range, Share, check_ranges
from trainer.runs.folder import SCHEMA
from trainer.variants import VARIANTS, Variant

SHORT_RUN_STEPS = 2000
"""Where neither epochs nor steps are asked for: at least so many steps, since a small data set has few per epoch."""
SHORT_RUN_EPOCHS = 10
DEFAULT_LR = {"mlp": 3e-3, "lecture": 6e-3, "conv": 3e-3}
"""Highest learning rate where ``--lr`` does not say."""
LATENT_DIM = {"mlp": 16, "lecture": 3, "conv": 16}
"""Width of the code where ``--latent-dim`` does not say."""
CONV_HIDDEN = (32, 64)
"""Channels after each halving of the image."""
LECTURE_HIDDEN = (128, 64, 12)
"""The lecture's network: n-128-64-12-3 and its mirror."""


@dataclass(frozen=True, kw_only=True)
class FitConfig:
    """Options of ``aetrain fit`` that every variant shares. Each field is a flag and a TOML key."""

    data: str = "digits"
    """Data set: digits, faces, moons, circles, swiss-roll, fashion-mnist, mnist, a folder of images, a .npy or .npz."""
    data_dir: Path | None = None
    """Folder in which the files of a named data set are looked for first."""
    image_size: PositiveInt | None = None
    """Height and width in pixels to which a folder's images are brought; without it they must agree."""
    channels: Literal[1, 3] | None = None
    """Channels to which a folder's images are brought: 1 (gray) or 3 (RGB)."""
    validation: Annotated[float, Range(0, 0.5)] = 0.05
    """Share of the training images kept for validation, 0 to 0.5."""
    arch: Literal["mlp", "lecture", "conv"] = "mlp"
    """Network: mlp or conv (see --hidden), or lecture (128-64-12-3 and its mirror, Tanh output)."""
    hidden: tuple[PositiveInt, ...] | None = None
    """Hidden layers of the encoder, and mirrored: widths (mlp: 256 128, sparse: none) or channels (conv: 32 64)."""
    latent_dim: PositiveInt | None = None
    """Width of the code; default 16 (mlp) or 3 (lecture). The code of sparse is as wide as the image."""
    epochs: PositiveInt | None = None
    """Passes over the training images; default 10, or as many as make 2,000 steps."""
    steps: PositiveInt | None = None
    """Optimiser steps, instead of --epochs."""
    batch_size: PositiveInt = 128
    """Images per step."""
    lr: Positive | Literal["auto"] | None = None
    """Adam's highest learning rate, > 0; default 0.003 (lecture: 0.006); auto tries some before the run, takes one."""
    optimizer: Literal["adam", "adamw"] = "adam"
    """Adam, or AdamW, whose weight decay is apart from the gradient."""
    weight_decay: NonNegative | None = None
    """Share of a weight, times the learning rate, that AdamW takes off it per step, ≥ 0; default 0.01."""
    clip: Positive | None = None
    """Largest norm of the whole gradient; a longer one is scaled down to it. Default: none."""
    schedule: Literal["cosine", "constant"] = "cosine"
    """Learning rate after the warm-up: down to 0 along a cosine, or constant."""
    warmup: Share = 0.05
    """Share of all steps over which the learning rate grows to --lr, 0 to 1."""
    patience: PositiveInt | None = None
    """Stop after so many epochs in a row without a better validation loss. Default: never."""
    seed: NaturalInt = 0
    """Source of all randomness: the same seed gives the same run."""
    device: str = "auto"
    """auto, cpu, cuda or cuda:N; auto takes CUDA where there is one."""
    threads: Annotated[int, Range(1, 1024)] | None = None
    """Threads of a step on a CPU; default one for small steps, else all that have enough to do."""
    precision: Literal["fp32", "tf32", "bf16"] = "fp32"
    """Arithmetic of the matrix products; tf32 needs CUDA."""
    compile: Literal["auto", "on", "off"] = "auto"
    """torch.compile of the loss: costs 35 to 250 s at the start on 2 cores; auto is off."""
    cuda_graph: Literal["auto", "on", "off"] = "auto"
    """Replay the whole step as one CUDA graph; auto does so on CUDA where it gives what an eager step gives."""
    deterministic: bool = False
    """On CUDA: only kernels that give the same bits each time, slower; a CPU needs no asking."""
    checkpoint_every_s: Positive = 60.0
    """Seconds between checkpoints."""
    tensorboard: bool = False
    """Write the log as TensorBoard event files, too, to the run's folder tensorboard/."""
    no_io: bool = False
    """Write nothing while training: no log, live graphs, samples, checkpoints. To measure what they cost."""


def variant_options() -> type[Any]:
    """A dataclass with one field per variant, named as it, that holds its options (they become ``--sparse.l1`` …)."""
    made = dataclasses.make_dataclass(
        "VariantOptions",
        [(name, cls, field(default_factory=cls)) for name, cls in VARIANTS.items() if dataclasses.fields(cls)],
        frozen=True,
        kw_only=True,
    )
    made.__module__ = __name__
    return made


def chosen(options: Any, name: str) -> Variant:
    """The variant of a name with the options that ``options``, a ``VariantOptions``, holds for it."""
    variant: Variant = getattr(options, name, None) or VARIANTS[name]()
    return variant


@dataclass(frozen=True, kw_only=True)
class RunConfig:
    """One run: the shared options and a variant with its own."""

    fit: FitConfig
    variant: Variant

    def table(self) -> dict[str, Any]:
        """As in ``config.toml``, without what is resolved; options that are None are left out."""
        return {
            "schema": SCHEMA,
            "variant": self.variant.name,
            **_plain(self.fit),
            self.variant.name: _plain(self.variant),
        }


@dataclass(frozen=True, kw_only=True)
class Resolved:
    """What a config means for one data set on one machine; the table ``[resolved]`` of ``config.toml``."""

    image_shape: tuple[int, int, int]
    """Channels, height, width."""
    low: tuple[float, ...]
    """Lowest and highest training value of every coordinate, where the data are points; () for images."""
    high: tuple[float, ...]
    latent_dim: int
    hidden: tuple[int, ...]
    heads: dict[str, int]
    batch_size: int
    steps_per_epoch: int
    steps_total: int
    log_every: int
    """Steps between two rows of the log."""
    train_images: int
    validation_images: int
    test_images: int
    classes: tuple[str, ...]
    attribute_names: tuple[str, ...]
    """Of the columns of ``attributes`` in the probe and the samples; () without any."""
    source: str
    data_path: str
    """Where a folder or file of images is, absolute, for whoever comes back from another folder; "" for a named set."""
    lr: float
    """Highest learning rate: as asked, or what ``--lr auto`` has found."""
    device: str
    threads: int
    """Threads of a CPU step; they are part of what makes a run repeatable."""
    compiled: bool

    @property
    def points(self) -> bool:
        """True where the data are points of any finite coordinates, not images in [0, 1]."""
        return bool(self.low)

    @property
    def input_range(self) -> tuple[float, float]:
        """What the values of an image lie between."""
        return (min(self.low), max(self.high)) if self.points else (0.0, 1.0)


def check(fit: FitConfig, variants: list[Variant], given: Any = None) -> None:
    """Hold options against their ranges and each other, before any data is read.

    given: the ``VariantOptions`` of the command: one that belongs to none of ``variants`` has no effect, an error.
    Raises ToolError (exit 2).
    """
    check_ranges(fit)
    for variant in variants:
        variant.check()
    names = " and ".join(variant.name for variant in variants)
    if fit.epochs is not None and fit.steps is not None:
        raise _no_effect("--epochs", "--steps says how long the run is", "give one of the two")
    if fit.hidden is not None and fit.arch == "lecture":
        raise _no_effect("--hidden", "the lecture's network has its own layers", "leave it out, or take --arch mlp")
    if fit.latent_dim is not None and not any(variant.takes_latent_dim for variant in variants):
        raise _no_effect("--latent-dim", f"the code of {names} is as wide as the image", "leave it out")
    if fit.weight_decay is not None and fit.optimizer != "adamw":
        raise _no_effect(
            "--weight-decay", f"the optimizer is {fit.optimizer}", "leave it out, or add --optimizer adamw"
        )
    if fit.patience is not None and fit.validation == 0:
        raise _no_effect("--patience", "--validation 0 leaves nothing to judge by", "leave one of the two out")
    if fit.tensorboard and fit.no_io:
        raise _no_effect("--tensorboard", "--no-io writes nothing", "leave one of the two out")
    if fit.deterministic and fit.device == "cpu":
        raise _no_effect("--deterministic", "a CPU step gives the same bits anyway", "leave it out")
    if fit.cuda_graph == "on" and (fit.device == "cpu" or fit.compile == "on"):
        why = "it needs CUDA" if fit.device == "cpu" else "--compile on makes the step's kernels in its own way"
        raise _no_effect("--cuda-graph on", why, "leave it out")
    if fit.threads is not None and fit.device.startswith("cuda"):
        raise _no_effect("--threads", f"--device {fit.device} does not compute on the CPU", "leave it out")
    if fit.schedule == "constant" and fit.warmup == 1:
        raise _no_effect("--schedule", "--warmup 1 is over only when the run is", "lower --warmup")
    _check_device_name(fit.device)
    for name, cls in VARIANTS.items() if given is not None else ():
        options = chosen(given, name)
        if options != cls() and all(variant.name != name for variant in variants):
            changed = next(f.name for f in dataclasses.fields(cls) if getattr(options, f.name) != f.default)
            flag = f"--{name}.{changed.replace('_', '-')}"
            raise _no_effect(flag, f"this command trains {names}", f"leave it out, or add {name}")


def resolve_steps(fit: FitConfig, train_images: int) -> tuple[int, int, int]:
    """(batch size, steps per epoch, steps in all) of a run over so many training images.

    An epoch drops the images that do not fill a batch; another order each time, so none is left out for long.
    """
    batch_size = min(fit.batch_size, train_images)
    per_epoch = train_images // batch_size
    if fit.steps is not None:
        return batch_size, per_epoch, fit.steps
    epochs = fit.epochs or max(SHORT_RUN_EPOCHS, math.ceil(SHORT_RUN_STEPS / per_epoch))
    return batch_size, per_epoch, epochs * per_epoch


def resolve_widths(fit: FitConfig, variant: Variant, image_shape: tuple[int, int, int]) -> tuple[int, tuple[int, ...]]:
    """(width of the code, the hidden layers) for images of a shape. Raises ToolError (exit 2)."""
    pixels = math.prod(image_shape)
    wanted = LATENT_DIM[fit.arch] if fit.latent_dim is None else fit.latent_dim
    if fit.latent_dim is None and variant.narrow:
        wanted = max(1, min(wanted, pixels - 1))
    latent_dim = variant.code_width(wanted, pixels)
    if fit.arch == "lecture":
        return latent_dim, LECTURE_HIDDEN if variant.takes_latent_dim else ()
    if fit.arch == "conv" and 1 in image_shape[1:]:
        raise ToolError(
            f"--arch conv does not suit images of {image_shape[1]}×{image_shape[2]}",
            why="a convolution slides over rows and columns",
            do="take --arch mlp",
        )
    default = CONV_HIDDEN if fit.arch == "conv" else variant.hidden
    return latent_dim, default if fit.hidden is None else fit.hidden


def parse(table: dict[str, Any], source: str) -> RunConfig:
    """The config in ``table``, as ``RunConfig.table`` made it. Raises ToolError (exit 2), naming ``source``."""
    name = table.get("variant")
    if name not in VARIANTS:
        raise unknown("variant", str(name), VARIANTS)
    shared = {key: value for key, value in table.items() if key not in ("schema", "variant", "resolved", name)}
    own = table.get(name, {})
    config = RunConfig(fit=_build(FitConfig, shared, source), variant=_build(VARIANTS[name], own, f"{source} [{name}]"))
    check(config.fit, [config.variant])
    return config


def read_toml(path: Path) -> dict[str, Any]:
    """A config file as a table of options, without the keys that only describe a run.

    Raises ToolError: exit 2 where there is no such file, 3 where it is not TOML.
    """
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ToolError(f"cannot read {path}", why=error.strerror or str(error), do="check --config") from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ToolError(
            f"{path} is not TOML", why=str(error), do="correct the file", exit_code=ExitCode.DAMAGED
        ) from error
    table.pop("schema", None)
    table.pop("resolved", None)
    return table


def flag_table(table: dict[str, Any], source: str) -> dict[str, Any]:
    """A config file's options as the command line names them. Raises ToolError (exit 2) for a key that is none."""
    shared = [f.name for f in dataclasses.fields(FitConfig)] + ["runs_dir", "name"]
    flags: dict[str, Any] = {}
    for key, value in table.items():
        if key == "variant":
            continue
        if key in VARIANTS and isinstance(value, dict):
            names = [f.name for f in dataclasses.fields(VARIANTS[key])]
            _check_keys(value, names, f"{source} [{key}]")
            flags[key] = {name.replace("_", "-"): item for name, item in value.items()}
        else:
            _check_keys([key], [*shared, "variant", *VARIANTS], source)
            flags[key.replace("_", "-")] = value
    return flags


def _check_keys(keys: Iterable[str], names: list[str], source: str) -> None:
    for key in keys:
        if key not in names:
            guess = nearest(key, names)
            raise ToolError(
                f"unknown key {key!r} in {source}",
                why=f"its keys are {', '.join(names)}",
                do=f"did you mean {guess!r}?" if guess else "take it out",
            )


def _plain(options: Any) -> dict[str, Any]:
    values = {f.name: getattr(options, f.name) for f in dataclasses.fields(options)}
    return {
        name: list(value) if isinstance(value, tuple) else str(value) if isinstance(value, Path) else value
        for name, value in values.items()
        if value is not None
    }


def _build(cls: type[Any], values: dict[str, Any], source: str) -> Any:
    names = [f.name for f in dataclasses.fields(cls)]
    hints = typing.get_type_hints(cls)
    _check_keys(values, names, source)
    built = {key: _coerce(value, hints[key]) for key, value in values.items()}
    for key, value in built.items():
        if not _fits(value, hints[key]):
            wanted = re.sub(r"\w+\.", "", str(hints[key])).removeprefix("<class '").removesuffix("'>")
            what = f"{key} cannot be {value!r} in {source}"
            raise ToolError(what, why=f"it must be {wanted}", do=f"give {key} another value")
    return cls(**built)


def _coerce(value: Any, hint: Any) -> Any:
    kinds = typing.get_args(hint) or (hint,)
    if isinstance(value, list):
        inner = next((typing.get_args(kind)[0] for kind in (hint, *kinds) if typing.get_origin(kind) is tuple), None)
        return tuple(_coerce(item, inner) for item in value)
    if isinstance(value, str) and Path in kinds:
        return Path(value)
    if isinstance(value, int) and not isinstance(value, bool) and float in kinds and int not in kinds:
        return float(value)
    return value


def _fits(value: Any, hint: Any) -> bool:
    kinds = typing.get_args(hint)
    if typing.get_origin(hint) is Literal:
        return any(type(value) is type(kind) and value == kind for kind in kinds)  # True is not the 1 that it equals
    if typing.get_origin(hint) is tuple:
        return isinstance(value, tuple) and all(_fits(item, kinds[0]) for item in value)
    if kinds:
        return any(_fits(value, kind) for kind in kinds)
    return isinstance(value, hint) and (hint is bool or not isinstance(value, bool))


def _check_device_name(device: str) -> None:
    if not re.fullmatch(r"auto|cpu|cuda(:\d+)?", device):
        raise ToolError(
            f"unknown device {device!r}", why="a device is auto, cpu, cuda or cuda:N", do="give --device one of these"
        )


def _no_effect(flag: str, why: str, do: str) -> ToolError:
    return ToolError(f"{flag} has no effect here", why=why, do=do)
