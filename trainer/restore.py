"""A run folder as something to work with again: its config, its data, its trained network."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from pathlib import Path

from export.errors import ExitCode, ToolError
from trainer import checkpoint
from trainer.config import FitConfig, Resolved, RunConfig, parse
from trainer.data.dataset import DataSet
from trainer.data.load import load_data
from trainer.nets import Autoencoder, build
from trainer.prepare import resolve
from trainer.runs.folder import RunFolder


@dataclass(frozen=True)
class Trained:
    """A run's weights as they count, on the device that its config resolves to, for evaluation and export.

    model: in eval mode. step: the step that the weights are of: the newest checkpoint's, or the best one's of a run
    with ``--patience``.
    """

    run: RunFolder
    config: RunConfig
    resolved: Resolved
    data: DataSet
    model: Autoencoder
    step: int


def read_config(run: RunFolder) -> RunConfig:
    """The run's config. Raises ToolError (exit 3): what we wrote ourselves must read back."""
    try:
        return parse(run.read_config(), str(run.config))
    except ToolError as error:
        raise ToolError(error.what, why=error.why, do=error.do, exit_code=ExitCode.DAMAGED) from error
    except (TypeError, ValueError, AttributeError) as error:
        raise ToolError(
            f"{run.config} is not a config of ours",
            why=str(error),
            do="restore the file, or train the run again",
            exit_code=ExitCode.DAMAGED,
        ) from error


def data_options(run: RunFolder, config: RunConfig) -> FitConfig:
    """The run's options with its data named so that they are found from any folder, not only from where it began."""
    path = run.read_config().get("resolved", {}).get("data_path", "")
    return dataclasses.replace(config.fit, data=path) if path and Path(path).exists() else config.fit


def resolve_again(run: RunFolder, config: RunConfig, data: DataSet) -> Resolved:
    """``resolve``, held against what the run had written, with the threads and the learning rate that it began with.

    Raises ToolError (exit 2) where the data have changed.
    """
    resolved = resolve(config, data)
    before = run.read_config().get("resolved", {})
    for name in ("image_shape", "train_images", "validation_images", "test_images"):
        value = getattr(resolved, name)
        value = list(value) if isinstance(value, tuple) else value
        if name in before and before[name] != value:
            raise ToolError(
                f"the data of run {run.name} have changed: {name} is {value}, it was {before[name]}",
                why=f"{config.fit.data} ({data.source}) is not what the run was trained on",
                do="restore the data, or train a new run",
            )
    kept = {name: before[name] for name in ("threads", "lr") if name in before}
    return dataclasses.replace(resolved, **kept)


def load_trained(run: RunFolder, data: DataSet | None = None) -> Trained:
    """The run with its newest checkpoint, on the best device here: it may have trained on another box.

    A run with ``--patience`` is there for its best weights by validation loss: they count, also before it is over; its
    ``live/`` has them when it is.
    data: its data set, where it is loaded already.
    Raises ToolError: exit 2 where there is no checkpoint or no data, 3 where something is damaged.
    """
    config = read_config(run)
    found = checkpoint.load_newest(run) if config.fit.patience is None else checkpoint.load_best(run)
    data = load_data(data_options(run, config)) if data is None else data
    here = dataclasses.replace(
        config.fit, device="auto", precision="fp32", deterministic=False, threads=None, compile="off"
    )
    resolved = resolve_again(run, dataclasses.replace(config, fit=here), data)
    model = build(resolved, config.variant, config.fit.arch, config.fit.seed)
    try:
        model.load_state_dict(found.model)
    except RuntimeError as error:
        raise ToolError(
            f"the checkpoint of run {run.name} does not fit its config",
            why=str(error).splitlines()[0],
            do="restore config.toml, or train the run again",
            exit_code=ExitCode.DAMAGED,
        ) from error
    return Trained(run, config, resolved, data, model.to(resolved.device).eval(), found.step)
