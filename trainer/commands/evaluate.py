"""``aetrain eval``: test-set metrics of runs."""

from __future__ import annotations

from pathlib import Path

from trainer.commands.arguments import AsJson, Runs, RunsDir


def evaluate(runs: Runs, /, *, runs_dir: RunsDir = Path("runs"), json: AsJson = False) -> None:
    """Score runs on their test images, and keep the numbers in each run's eval.json."""
    from export import atomic
    from trainer.evaluate import evaluate as score
    from trainer.prepare import load_data
    from trainer.restore import data_options, load_trained, read_config
    from trainer.runs.folder import resolve_run
    from trainer.tables import print_json

    folders = [resolve_run(run, runs_dir) for run in runs]
    results = []
    loaded: dict[object, object] = {}
    for folder in folders:
        fit = data_options(folder, read_config(folder))
        key = (fit.data, fit.data_dir, fit.image_size, fit.channels, fit.validation)
        if key not in loaded:
            loaded[key] = load_data(fit)
        result = score(load_trained(folder, loaded[key]))  # type: ignore[arg-type]
        atomic.write_json(folder.evaluation, result)
        results.append(result)
    if json:
        print_json(results)
    else:
        _print(results)


def _print(results: list[dict[str, object]]) -> None:
    """One column per run: the metrics of the variants differ, and there are more of them than runs."""
    from trainer.tables import print_table

    metrics = list(dict.fromkeys(name for result in results for name in result if name != "run"))
    rows = [[name, *(result.get(name) for result in results)] for name in metrics]
    print_table(["metric", *(str(result["run"]) for result in results)], rows)
