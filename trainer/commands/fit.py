"""``aetrain fit``: train one run per variant."""

from __future__ import annotations

import dataclasses
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from export.errors import ToolError, unknown
from trainer.commands.arguments import AsJson, RunsDir
from trainer.config import FitConfig, RunConfig, check, chosen, read_toml, variant_options
from trainer.naming import free_folders, run_names
from trainer.variants import VARIANTS, Variant

if TYPE_CHECKING:
    from trainer.config import Resolved
    from trainer.data.dataset import DataSet
    from trainer.runs.folder import RunFolder
    from trainer.signals import Interruption

VariantOptions: Any = variant_options()


def fit(
    variants: Annotated[tuple[str, ...], Parameter(show_default=False)] = (),
    /,
    *,
    options: Annotated[FitConfig, Parameter(name="*")] = FitConfig(),  # noqa: B008 (frozen)
    own: Annotated[VariantOptions, Parameter(name="*")] = VariantOptions(),  # noqa: B008 (frozen)
    runs_dir: RunsDir = Path("runs"),
    name: str | None = None,
    config: Path | None = None,
    detach: bool = False,
    json: AsJson = False,
) -> int:
    """Train autoencoders, one run per variant; without a variant all of them.

    Parameters
    ----------
    variants
        undercomplete, sparse, denoising, variational; none means all.
    name
        Name of the run's folder; with several variants, each adds its own behind it.
    config
        TOML file with options (a run's config.toml is one); flags on the command line win.
    detach
        Train in the background, in a session of its own that a hang-up does not end.
    """
    # The file's options arrived with the flags (see trainer.cli), which win over it; its variant is still to be had.
    picked = _choose(variants or _variant_in(config), own)
    check(options, picked, own)
    if options.tensorboard:
        from trainer.tensorboard import require_tensorboard

        require_tensorboard()
    names = run_names(name, [variant.name for variant in picked], options.data)
    runs = free_folders(runs_dir, names, dated=name is None)
    if detach:
        from trainer.detach import detach as start_detached

        return start_detached(runs, json=json)
    if options.data_dir is not None:
        options = dataclasses.replace(options, data_dir=options.data_dir.absolute())
    configs = [RunConfig(fit=options, variant=variant) for variant in picked]
    return train_all(configs, runs, json=json)


def _variant_in(config: Path | None) -> tuple[str, ...]:
    variant = read_toml(config).get("variant") if config else None
    return () if variant is None else (str(variant),)


def _choose(names: tuple[str, ...], own: Any) -> list[Variant]:
    for name in names:
        if name not in VARIANTS:
            raise unknown("variant", name, VARIANTS)
    if len(set(names)) < len(names):
        raise ToolError("a variant is named twice", why="each is one run", do="name it once, or run fit twice")
    return [chosen(own, name) for name in names or VARIANTS]


@dataclass(frozen=True)
class Summary:
    """One line of the table at the end."""

    run: str
    variant: str
    state: str
    step: int
    loss: float | None
    test_mse: float | None
    seconds: float


def train_all(configs: list[RunConfig], runs: list[RunFolder], *, json: bool) -> int:
    """Train each config in its folder, one after the other; print the summary. Returns the exit code."""
    from trainer.data.load import load_data

    with ThreadPoolExecutor(1) as pool:  # unpacking the images goes on beside importing torch
        reading = pool.submit(load_data, configs[0].fit)
        from trainer.prepare import create, resolve
        from trainer.progress import progress
        from trainer.runs.lock import lock_run
        from trainer.signals import interruptible

        data = reading.result()
    configs = [dataclasses.replace(config, variant=config.variant.settled(points=data.points)) for config in configs]
    resolved = [resolve(config, data) for config in configs]
    _advise(configs, resolved[0].steps_total)
    summaries = []
    with interruptible() as interruption, progress() as bars:
        for config, run, meaning in zip(configs, runs, resolved, strict=True):
            if config.fit.lr == "auto":
                meaning = _with_found_rate(run, config, meaning, data)
            create(run, config, meaning, data)
            with lock_run(run):
                report = bars.reporter(run.name, config.variant.name)
                summaries.append(train_one(run, config, meaning, data, report, interruption))
            if interruption.signal:
                break
    print_summaries(summaries, json=json)
    _say_what_next(summaries, runs, quiet=json)
    return interruption.exit_code


def _with_found_rate(run: RunFolder, config: RunConfig, resolved: Resolved, data: DataSet) -> Resolved:
    from trainer.progress import say
    from trainer.rate_finder import find_rate

    finding = find_rate(config, resolved, data)
    say(f"{run.name}: {finding}")
    return dataclasses.replace(resolved, lr=finding.lr)


def _say_what_next(summaries: list[Summary], runs: list[RunFolder], *, quiet: bool) -> None:
    from trainer.progress import say

    for summary, run in zip(summaries, runs, strict=False):
        if summary.state == "stopped":
            say(f"{summary.run} was stopped; go on with it: aetrain resume {run.path}")
    if waiting := runs[len(summaries) :]:
        say(f"not begun: {', '.join(run.name for run in waiting)}")
    elif not quiet and all(summary.state == "finished" for summary in summaries):
        say(f"look at them: aetui --runs-dir {runs[0].path.parent}")


def train_one(
    run: RunFolder,
    config: RunConfig,
    resolved: Any,
    data: DataSet,
    report: Any,
    interruption: Interruption,
    checkpoint: Any = None,
) -> Summary:
    """Train, or go on from ``checkpoint``, and score the result on the test images."""
    from trainer.evaluate import mse_on_test
    from trainer.loop import train

    start = time.monotonic()
    outcome = train(run, config, resolved, data, report=report, interruption=interruption, checkpoint=checkpoint)
    seconds = time.monotonic() - start
    mse = mse_on_test(outcome.model, data)
    return Summary(run.name, config.variant.name, outcome.state, outcome.step, outcome.loss, mse, round(seconds, 2))


def print_summaries(summaries: list[Summary], *, json: bool) -> None:
    """The result, on stdout: a table, or JSON."""
    from trainer.tables import print_json, print_table

    if json:
        print_json([vars(summary) for summary in summaries])
        return
    print_table(
        ["run", "state", "step", "loss", "test MSE", "seconds"],
        [[s.run, s.state, s.step, s.loss, s.test_mse, s.seconds] for s in summaries],
    )


def _advise(configs: list[RunConfig], steps_total: int) -> None:
    if configs[0].fit.compile == "on":
        price = "the first step waits for it: 35 to 250 s on two cores, some seconds where it was compiled before"
        print(f"compiling the loss; {price}", file=sys.stderr)
    for config in configs:
        for advice in config.variant.advice(steps_total):
            print(f"{config.variant.name}: {advice}", file=sys.stderr)
