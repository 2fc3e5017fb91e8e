"""``aetrain sweep``: a grid over the options of fit, one run per point."""

from __future__ import annotations

import dataclasses
import os
import re
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from export.errors import ExitCode, ToolError
from trainer.commands.arguments import AsJson, RunsDir
from trainer.config import parse, read_toml
from trainer.naming import sweep_name
from trainer.runs.folder import RunFolder, is_run
from trainer.runs.status import read_status
from trainer.sweep import DEVICES, Point, fit_grid, points, variant_grids

if TYPE_CHECKING:
    from trainer.sweep_report import Result

FitGrid: Any = fit_grid()
VariantGrids: Any = variant_grids()


def sweep(
    variants: Annotated[tuple[str, ...], Parameter(show_default=False)] = (),
    /,
    *,
    options: Annotated[FitGrid, Parameter(name="*")] = FitGrid(),  # noqa: B008 (frozen)
    own: Annotated[VariantGrids, Parameter(name="*")] = VariantGrids(),  # noqa: B008 (frozen)
    jobs: int | None = None,
    runs_dir: RunsDir = Path("runs"),
    name: str | None = None,
    config: Path | None = None,
    detach: bool = False,
    json: AsJson = False,
) -> int:
    """Train a grid of runs: any option of fit may have several values, and every combination is a run.

    A run is called NAME-VARIANT-OPTION-VALUE…, with the options that vary; it is an ordinary run otherwise.
    An interrupted sweep goes on where the same command is given the same --name.

    Parameters
    ----------
    variants
        undercomplete, sparse, denoising, variational; none means all.
    jobs
        Runs at a time; default 1 on a CPU, else one per GPU. A CPU's cores are shared out.
    name
        What the names of the runs begin with, the options that vary follow; default sweep-DATA-DATE. With the name of
        an earlier sweep: goes on with it; finished runs are skipped, unfinished ones resumed.
    config
        TOML file with options, a list for several values (a run's config.toml is one); flags on the command line win.
    detach
        Train in the background, in a session of its own that a hang-up does not end.
    """
    if jobs is not None and jobs < 1:
        raise ToolError(f"--jobs {jobs} is out of range", why="--jobs must be at least 1", do="give it another value")
    stem = sweep_name(name, options.data, runs_dir)
    grid = [_settled(point, options.device) for point in points(stem, options, own, variants or _variants_in(config))]
    runs = [RunFolder(runs_dir / point.name) for point in grid]
    begun = [_begun(run, point) for run, point in zip(runs, grid, strict=True)]
    if any(point.config.fit.tensorboard for point in grid):
        from trainer.tensorboard import require_tensorboard

        require_tensorboard()
    if detach:
        from trainer.detach import detach as start_detached

        return start_detached(runs, json=json, name=None if name else stem)
    return _train(grid, runs, begun, stem, devices=options.device, jobs=jobs, json=json)


def _variants_in(config: Path | None) -> tuple[str, ...]:
    found = read_toml(config).get("variant", ()) if config else ()
    return tuple(map(str, found)) if isinstance(found, list | tuple) else (str(found),)


def _settled(point: Point, devices: tuple[str, ...]) -> Point:
    """The point as its run's config will have it. devices: as asked; several are dealt out, whoever gets which."""
    fit = point.config.fit
    for device in devices if len(devices) > 1 else ():
        if not re.fullmatch(r"cuda:\d+", device):
            raise ToolError(
                f"--device {device} cannot be one of several",
                why="runs are dealt out to CUDA devices only, each named cuda:N",
                do="give one device, or several as in --device cuda:0 cuda:1",
            )
    if len(devices) > 1:
        fit = dataclasses.replace(fit, device="cuda")
    if fit.data_dir is not None:
        fit = dataclasses.replace(fit, data_dir=fit.data_dir.absolute())
    return dataclasses.replace(point, config=dataclasses.replace(point.config, fit=fit))


def _begun(run: RunFolder, point: Point) -> str:
    """What an earlier sweep of the same name has left of a run: ``finished``, ``unfinished`` or ``nothing``.

    Raises ToolError: exit 2 where the name is taken by something else, 4 where the run is being trained.
    """
    if not run.path.exists():
        return "nothing"
    do = "choose another --name, or give the options that it was begun with"
    if not is_run(run.path):
        raise ToolError(f"{run.path} exists already", why="it is no run", do=do)
    there, wanted = parse(run.read_config(), str(run.config)).table(), point.config.table()
    for key in (key for key in there | wanted if key != DEVICES and there.get(key) != wanted.get(key)):
        raise ToolError(
            f"run {run.path} exists already, with other options",
            why=f"its {key} is {there.get(key, 'the default')}, the sweep's is {wanted.get(key, 'the default')}",
            do=do,
        )
    status = read_status(run)
    state = status.shown_state() if status else "unknown"
    if state in ("running", "paused"):
        raise ToolError(
            f"run {run.name} is busy",
            why=f"a trainer holds it (process {status.pid} on {status.host})" if status else state,
            do=f"wait for it, or: aetrain stop {run.path}",
            exit_code=ExitCode.BUSY,
        )
    return "finished" if state == "finished" else "unfinished"


def _train(
    grid: list[Point],
    runs: list[RunFolder],
    begun: list[str],
    stem: str,
    *,
    devices: tuple[str, ...],
    jobs: int | None,
    json: bool,
) -> int:
    from trainer.pool import Ending, Job, Pool, cores, places
    from trainer.sweep_report import Result, print_results, ranked, watching

    _check_against_data(grid)
    by_name = {point.name: point for point in grid}
    todo = [
        Job(run=run, arguments=_arguments(run, point, state))
        for run, point, state in zip(runs, grid, begun, strict=True)
        if state != "finished"
    ]
    cuda = _cuda_devices(devices)
    at_once = min(jobs or max(1, len(cuda)), max(1, len(todo)))
    _say_what_comes(len(grid), len(todo), at_once)
    pool = Pool(places(at_once, cuda, cores()))
    results: dict[str, Result] = {}
    with watching({job.run.name: by_name[job.run.name].label for job in todo}) as progress:

        def ended(job: Job, ending: Ending) -> None:
            name = job.run.name
            results[name] = Result.of(by_name[name], ending, read_status(job.run))
            progress.ended(name, results[name].line())

        pool.run(todo, report=progress.report, ended=ended)
    interrupted = pool.interruption.signal is not None
    for run, state in zip(runs, begun, strict=True):
        if run.name not in results:
            results[run.name] = _earlier(run, by_name[run.name], state, score=not interrupted)
    print_results(list(results.values()), json=json)
    _say_what_next(ranked(list(results.values())), stem, runs_dir=runs[0].path.parent, quiet=json)
    failed = any(result.state == "failed" for result in results.values())
    return pool.interruption.exit_code or (ExitCode.FAILED if failed else ExitCode.OK)


def _arguments(run: RunFolder, point: Point, state: str) -> list[str]:
    if state == "unfinished":
        return ["resume", str(run.path), "--json"]
    return [*point.fit_arguments(), f"--name={run.name}", f"--runs-dir={run.path.parent}", "--json"]


def _check_against_data(grid: list[Point]) -> None:
    """Hold every point against its data and this machine, before a run is begun; say what its variant advises.

    The data are read once here, so that what has to be fetched is fetched once. Raises ToolError (exit 2, 3).
    """
    import torch

    from trainer.data.dataset import DataSet
    from trainer.data.load import load_data
    from trainer.prepare import resolve
    from trainer.progress import say

    loaded: dict[Any, DataSet] = {}
    advice: dict[str, None] = {}
    for point in grid:
        fit = point.config.fit
        if fit.device in ("auto", "cuda") and torch.cuda.is_available():
            fit = dataclasses.replace(fit, device="cuda:0")  # named: asking which is current would take memory on it
        key = (fit.data, fit.data_dir, fit.image_size, fit.channels, fit.validation)
        if key not in loaded:
            loaded = {key: load_data(fit)}
        resolved = resolve(dataclasses.replace(point.config, fit=fit), loaded[key])
        advice |= dict.fromkeys(f"{point.label}: {said}" for said in point.config.variant.advice(resolved.steps_total))
    for line in advice:
        say(line)


def _cuda_devices(asked: tuple[str, ...]) -> list[str]:
    """What the runs are dealt out to, in the words of ``CUDA_VISIBLE_DEVICES``; [] where there is no choice."""
    import torch

    if len(asked) > 1:
        indices = [int(device.partition(":")[2]) for device in asked]
    elif asked[0] in ("auto", "cuda") and torch.cuda.is_available() and torch.cuda.device_count() > 1:
        indices = list(range(torch.cuda.device_count()))
    else:
        return []
    visible = [name for name in os.environ.get("CUDA_VISIBLE_DEVICES", "").split(",") if name]
    return [visible[index] if visible else str(index) for index in indices]


def _say_what_comes(runs: int, todo: int, at_once: int) -> None:
    from trainer.progress import say

    before = f", {runs - todo} of them finished before" if todo < runs else ""
    say(f"{runs} run{'s' if runs != 1 else ''}{before}; {at_once} at a time")


def _earlier(run: RunFolder, point: Point, begun: str, *, score: bool) -> Result:
    """What is known of a run that this sweep has not touched."""
    from trainer.commands.resume import summary_of_finished
    from trainer.progress import say
    from trainer.sweep_report import NUMBERS, Result

    status = read_status(run)
    if status is None or begun == "nothing":
        return Result(point=point, state="not begun")
    if begun == "finished" and score:
        try:
            summary = vars(summary_of_finished(run))
            return Result(point=point, **{name: summary[name] for name in NUMBERS})
        except ToolError as error:
            say(f"{run.name} cannot be scored: {error.what}")
    return Result(point=point, state=status.shown_state(), step=status.step, loss=status.loss)


def _say_what_next(results: list[Result], stem: str, *, runs_dir: Path, quiet: bool) -> None:
    from trainer.progress import say

    left = [result for result in results if result.state != "finished"]
    for result in left:
        if result.error:
            say(f"{result.point.name} failed: {result.error}; see {runs_dir / result.point.name}")
    if left:
        say(f"{len(left)} of {len(results)} runs are not finished; the same command with --name {stem} goes on")
    done = [result.point.name for result in results if result.state == "finished"]
    if done and not quiet:
        several = f"{shlex.quote(str(runs_dir / stem))}-*"
        named = several if len(done) > 3 else " ".join(shlex.quote(str(runs_dir / name)) for name in done)
        say(f"score them: aetrain eval {named}")
        say(f"look at them: aetui --runs-dir {shlex.quote(str(runs_dir))}")
