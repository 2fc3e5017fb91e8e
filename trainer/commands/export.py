"""``aetrain export``: trained runs as verified ONNX bundles."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from trainer.commands.arguments import AsJson, Runs, RunsDir

if TYPE_CHECKING:
    from trainer.restore import Trained
    from trainer.runs.folder import RunFolder

VERIFICATION_IMAGES = 256


def export(
    runs: Runs = (),
    /,
    *,
    format: Literal["onnx"] = "onnx",
    output: Path | None = None,
    exporter: Literal["native", "torch"] = "native",
    force: bool = False,
    runs_dir: RunsDir = Path("runs"),
    json: AsJson = False,
) -> None:
    """Write and verify an ONNX bundle per run; without a run, of the newest finished run of each variant.

    Parameters
    ----------
    format
        Format of the graphs.
    output
        Folder that gets one bundle per run, named as the run; default: export/fp32 in the run's folder.
    exporter
        native lowers the layers that we know, in milliseconds; torch takes PyTorch's exporter for any module.
    force
        Replace a different bundle that is there already.
    """
    from trainer.runs.folder import resolve_run
    from trainer.tables import print_json, print_table

    folders = [resolve_run(run, runs_dir) for run in runs] if runs else _newest_finished(runs_dir)
    results = []
    for folder in folders:
        target = output / folder.name if output else folder.bundle()
        results.append(_export_one(folder, target, exporter=exporter, force=force))
    if json:
        print_json(results)
        return
    columns = ["run", "variant", "step", "test MSE", "parity", "bundle"]
    print_table(columns, [[result[column.replace(" ", "_").lower()] for column in columns] for result in results])
    print(f"check one again: aetrain verify {results[0]['bundle']}", file=sys.stderr)


def _newest_finished(runs_dir: Path) -> list[RunFolder]:
    from export.errors import ToolError
    from trainer.runs.folder import find_runs
    from trainer.runs.status import read_status

    newest: dict[str, tuple[float, RunFolder]] = {}
    for run in find_runs(runs_dir):
        status = read_status(run)
        if status and status.shown_state() == "finished":
            variant = str(run.read_config().get("variant"))
            newest[variant] = max(newest.get(variant, (0.0, run)), (status.heartbeat, run), key=lambda pair: pair[0])
    if not newest:
        raise ToolError(
            "there is no finished run to export",
            why=f"{runs_dir} holds none",
            do="train some with aetrain fit, or name a run: aetrain export RUN --format onnx",
        )
    return [run for _, run in newest.values()]


def _export_one(run: RunFolder, target: Path, *, exporter: Any, force: bool) -> dict[str, Any]:
    from export.write import Subject, export_bundle
    from trainer.evaluate import mse_on_test
    from trainer.restore import load_trained

    trained = load_trained(run)
    images, sources = _verification_images(trained)
    subject = Subject(
        name=run.name,
        variant=trained.config.variant.name,
        arch=trained.config.fit.arch,
        data=trained.config.fit.data,
        step=trained.step,
        encoder=trained.model.encoder.cpu(),
        decoder=trained.model.decoder.cpu(),
        image_shape=trained.resolved.image_shape,
        latent_dim=trained.resolved.latent_dim,
        input_range=trained.resolved.input_range,
        images=images,
        image_sources=sources,
        probe=run.probe,
        test_mse=mse_on_test(trained.model.cpu(), trained.data),
        metrics=_evaluation(run, trained.step),
    )
    manifest = export_bundle(subject, target, force=force, exporter=exporter)
    return {
        "run": run.name,
        "variant": manifest.variant,
        "step": manifest.step,
        "test_mse": manifest.test_mse,
        "parity": (manifest.parity or {}).get("max_difference"),
        "bundle": str(target),
    }


def _verification_images(trained: Trained) -> tuple[Any, dict[str, int]]:
    """256 real images, float32 [n, C, H, W]: test images, filled up from training images."""
    import numpy as np

    test = trained.data.test.pixels(slice(0, VERIFICATION_IMAGES))
    training = trained.data.train.pixels(np.arange(min(VERIFICATION_IMAGES - len(test), len(trained.data.train))))
    return np.concatenate([test, training]), {"test": len(test), "training": len(training)}


def _evaluation(run: RunFolder, step: int) -> dict[str, Any] | None:
    """The run's ``eval.json``, where it speaks of these weights."""
    import json

    try:
        value = json.loads(run.evaluation.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return value if isinstance(value, dict) and value.get("step") == step else None
