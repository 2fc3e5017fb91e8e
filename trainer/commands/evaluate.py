"""``aetrain eval``: test-set metrics of runs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from export.errors import ToolError
from trainer.commands.arguments import AsJson, Runs, RunsDir

if TYPE_CHECKING:
    from trainer.config import FitConfig
    from trainer.evaluate import Surroundings

Limit = Annotated[int | None, Parameter(help="Test images behind nll_nats of variational runs; default 1000.")]

_PER_DIMENSION = ("mse", "pca_mse", "psnr_db", "probe_accuracy", "elbo_nats", "nll_nats", "active_units", "mig_mean")
"""What the table of a latent-dimension sweep shows, as far as its runs have it."""


def evaluate(runs: Runs, /, *, limit: Limit = None, runs_dir: RunsDir = Path("runs"), json: AsJson = False) -> None:
    """Score runs on their test images, and keep the numbers in each run's eval.json."""
    from export import atomic
    from trainer.restore import data_options, read_config
    from trainer.runs.folder import resolve_run
    from trainer.tables import print_json

    folders = [resolve_run(run, runs_dir) for run in runs]
    configs = [read_config(folder) for folder in folders]
    _check(limit, [config.variant.name for config in configs])
    from trainer.evaluate import NLL_IMAGES
    from trainer.evaluate import evaluate as score
    from trainer.progress import say
    from trainer.restore import load_trained

    results = []
    loaded: dict[object, Surroundings] = {}
    for folder, config in zip(folders, configs, strict=True):
        say(f"scoring {folder.name}")
        around = _surroundings(data_options(folder, config), loaded)
        result = score(load_trained(folder, around.whole), around, nll_images=limit or NLL_IMAGES, say=say)
        atomic.write_json(folder.evaluation, result)
        results.append(result)
    if json:
        print_json(results)
    else:
        _print(results)


def _check(limit: int | None, variants: list[str]) -> None:
    if limit is None:
        return
    if limit < 1:
        raise ToolError(f"--limit {limit} is out of range", why="it is a number of images", do="give --limit 1 or more")
    if "variational" not in variants:
        raise ToolError(
            "--limit has no effect here",
            why="it says on how many images nll_nats is estimated, which only variational runs have",
            do="leave it out, or add a variational run",
        )


def _surroundings(fit: FitConfig, loaded: dict[object, Surroundings]) -> Surroundings:
    """What evaluation needs of the run's data set; runs of one data set share it."""
    from trainer.data.load import load_data
    from trainer.evaluate import Surroundings

    key = (fit.data, fit.data_dir, fit.image_size, fit.channels, fit.validation)
    if key not in loaded:
        loaded[key] = Surroundings(load_data(fit))
    return loaded[key]


def _print(results: list[dict[str, Any]]) -> None:
    from trainer.tables import print_beside

    apart = ("run", "noise_sweep")
    columns = [{name: value for name, value in result.items() if name not in apart} for result in results]
    print_beside("metric", [result["run"] for result in results], columns)
    _print_latent_dims(results)
    for result in results:
        _print_noise(result)


def _print_latent_dims(results: list[dict[str, Any]]) -> None:
    """A table for each variant and data set of which there are runs with different widths of the code."""
    from trainer.tables import print_table

    groups: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for result in results:
        groups.setdefault((result["variant"], result["data"]), []).append(result)
    for (variant, data), group in groups.items():
        if len({result["latent_dim"] for result in group}) == 1:
            continue
        names = [name for name in _PER_DIMENSION if any(result.get(name) is not None for result in group)]
        group.sort(key=lambda result: result["latent_dim"])
        rows = [[result.get(name) for name in ("latent_dim", *names)] for result in group]
        print()
        print_table(["latent_dim", *names], rows, title=f"{variant} on {data}, by width of the code")


def _print_noise(result: dict[str, Any]) -> None:
    from trainer.tables import print_table

    if rows := result["noise_sweep"]:
        print()
        print_table(
            ["level", "corrupted", "denoised", "ridge"],
            [list(row.values()) for row in rows],
            title=f"{result['noise_kind']} noise, mean squared errors: {result['run']}",
        )
