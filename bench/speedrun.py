"""``python -m bench.speedrun``: seconds from loading the data to a checkpoint on disk that is good enough.

The lecture's network on Fashion-MNIST, test MSE ≤ 0.0220. Each seed in a process of its own; the watch runs from the
end of ``import torch`` to the end of training, with everything on; scoring the result is not counted.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from bench.figures import Figure, all_passed
from bench.machine import AETRAIN, ROOT, environment, facts, run, talk

MSE = 0.0220
SECONDS = 10.0
RECIPE: dict[str, Any] = {
    "data": "fashion-mnist",
    "arch": "lecture",
    "validation": 0.0,
    "epochs": 3,
    "batch_size": 192,
    "lr": 1.5e-2,
    "warmup": 0.35,
}
"""Options of ``aetrain fit``. A long warm-up is what lets the rate be so high; see docs/log.md."""


def command() -> str:
    """The recipe for anyone's own shell."""
    flags = " ".join(f"--{name.replace('_', '-')} {value}" for name, value in RECIPE.items())
    return f"aetrain fit undercomplete {flags}"


def one(seed: int) -> dict[str, float]:
    """Load, train, save; then score. Returns seconds and mse."""
    import torch  # noqa: F401  (the watch starts behind it)

    start = time.perf_counter()
    from trainer.config import FitConfig, RunConfig
    from trainer.data.load import load_data
    from trainer.loop import train
    from trainer.prepare import create, resolve
    from trainer.runs.folder import RunFolder
    from trainer.signals import Interruption
    from trainer.variants import VARIANTS

    config = RunConfig(fit=FitConfig(seed=seed, **RECIPE), variant=VARIANTS["undercomplete"]())
    data = load_data(config.fit)
    resolved = resolve(config, data)
    with tempfile.TemporaryDirectory() as folder:
        target = RunFolder(Path(folder) / "speedrun")
        create(target, config, resolved, data)
        outcome = train(target, config, resolved, data, report=lambda status: None, interruption=Interruption())
        seconds = time.perf_counter() - start
        saved = list(target.checkpoints.glob("step-*/manifest.json"))
        assert saved, "no checkpoint"
    from trainer.evaluate import mse_on_test

    return {"seed": seed, "seconds": seconds, "mse": mse_on_test(outcome.model, data)}


def measure(seeds: list[int]) -> list[dict[str, float]]:
    results = []
    for seed in seeds:
        talk(f"speedrun: seed {seed}")
        said = run([sys.executable, "-m", "bench.speedrun", "--one", str(seed)], env=environment(**AETRAIN), cwd=ROOT)
        results.append(json.loads(said.splitlines()[-1]))
    return results


def figures(results: list[dict[str, float]]) -> list[Figure]:
    seconds, mse = (statistics.median(result[name] for result in results) for name in ("seconds", "mse"))
    return [
        Figure(what="speedrun: data loading to checkpoint", value=seconds, unit="s", reach=SECONDS, at_most=True),
        Figure(what="speedrun: test MSE", value=mse, unit="", reach=MSE, at_most=True),
    ]


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.speedrun", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    parser.add_argument(
        "--seeds", type=int, nargs="+", default=[0, 1, 2], help="medians are over these (default 0 1 2)"
    )
    parser.add_argument("--one", type=int, metavar="SEED", help="this seed alone, in this process, as JSON")
    options = parser.parse_args(arguments)
    if options.one is not None:
        print(json.dumps(one(options.one)))
        return 0
    machine = facts()
    results = measure(options.seeds)
    found = figures(results)
    if options.json:
        result = {
            "machine": machine,
            "command": command(),
            "runs": results,
            "figures": [figure.json() for figure in found],
            "pass": all_passed(found),
        }
        print(json.dumps(result, indent=2, ensure_ascii=False))
    else:
        from trainer.tables import print_table

        print(f"{command()}\n")
        print_table(["seed", "seconds", "test MSE"], [[r["seed"], r["seconds"], r["mse"]] for r in results])
        print()
        print_table(["what", "median", "reach", "reached"], [figure.row() for figure in found])
    return 0 if all_passed(found) else 1


if __name__ == "__main__":
    sys.exit(main())
