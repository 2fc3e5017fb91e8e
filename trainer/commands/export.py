"""``aetrain export``: trained runs as verified ONNX bundles."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from trainer.commands.arguments import AsJson, Runs, RunsDir

if TYPE_CHECKING:
    from export.form import Form
    from trainer.restore import Trained
    from trainer.runs.folder import RunFolder

VERIFICATION_IMAGES = 256

SCORED_IMAGES = 4096
"""Of so many training images the scores are kept, spread over the training split."""


def export(
    runs: Runs = (),
    /,
    *,
    format: Literal["onnx"] = "onnx",
    output: Path | None = None,
    precision: Literal["fp32", "fp16", "int8"] = "fp32",
    opset: int = 18,
    layout: Literal["plain", "triton", "web"] = "plain",
    uint8: bool = False,
    layout_in: Literal["NCHW", "NHWC"] | None = None,
    onnxruntime_web: Path | None = None,
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
        Folder that gets one bundle per run, named as the run; default: export/fp32 (or what else the bundle is) in the
        run's folder.
    precision
        How weights are kept; fp16 and int8 are refused where reconstructions get worse by more than 0.1 % and 1 %.
    opset
        Version of ONNX's operators, 13 to 25.
    layout
        plain; with a Triton model repository (triton); with a page that runs the graphs in a browser (web).
    uint8
        Add graphs that take and give bytes instead of floats.
    layout_in
        Order of the axes in the graphs of --uint8: NCHW (default) or NHWC.
    onnxruntime_web
        The npm package onnxruntime-web, copied into the page so that it needs no network; default: the page loads it.
    exporter
        native lowers the layers that we know, in milliseconds; torch takes PyTorch's exporter for any module.
    force
        Replace a different bundle that is there already.
    """
    from trainer.runs.folder import resolve_run
    from trainer.tables import print_json, print_table

    form = _form(exporter, precision, opset, layout, uint8, layout_in, onnxruntime_web)
    folders = [resolve_run(run, runs_dir) for run in runs] if runs else _newest_finished(runs_dir)
    results = []
    for folder in folders:
        target = output / folder.name if output else folder.bundle(form.name())
        results.append(_export_one(folder, target, form=form, force=force))
    if json:
        print_json(results)
        return
    columns = ["run", "variant", "step", "test MSE", "parity", "bundle"]
    print_table(columns, [[result[column.replace(" ", "_").lower()] for column in columns] for result in results])
    print(f"check one again: aetrain verify {results[0]['bundle']}", file=sys.stderr)


def _form(
    exporter: Any, precision: Any, opset: int, layout: Any, uint8: bool, layout_in: Any, onnxruntime_web: Path | None
) -> Form:
    from export.errors import ToolError
    from export.form import Form

    for flag, given, needed, has in (
        ("--layout-in", layout_in, "--uint8", uint8),
        ("--onnxruntime-web", onnxruntime_web, "--layout web", layout == "web"),
    ):
        if given is not None and not has:
            raise ToolError(
                f"{flag} has no effect here", why=f"it belongs to {needed}", do=f"add {needed}, or leave it out"
            )
    form = Form(
        exporter=exporter,
        precision=precision,
        opset=opset,
        layout=layout,
        uint8=(layout_in or "NCHW") if uint8 else None,
        onnxruntime_web=onnxruntime_web,
    )
    form.check()
    return form


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


def _export_one(run: RunFolder, target: Path, *, form: Form, force: bool) -> dict[str, Any]:
    from export.evenly import evenly
    from export.write import QUALITY_IMAGES, Subject, export_bundle
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
        training_images=_training_images(trained),
        test_images=trained.data.test.pixels(evenly(len(trained.data.test), QUALITY_IMAGES)),
        probe=run.probe,
        test_mse=mse_on_test(trained.model.cpu(), trained.data),
        metrics=_evaluation(run, trained.step),
    )
    manifest = export_bundle(subject, target, force=force, form=form)
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

    from export.evenly import evenly

    test = trained.data.test.pixels(evenly(len(trained.data.test), VERIFICATION_IMAGES))
    training = trained.data.train.pixels(evenly(len(trained.data.train), VERIFICATION_IMAGES - len(test)))
    return np.concatenate([test, training]), {"test": len(test), "training": len(training)}


def _training_images(trained: Trained) -> Any:
    """Up to 4,096 training images, evenly spread, float32 [n, C, H, W]."""
    from export.evenly import evenly

    return trained.data.train.pixels(evenly(len(trained.data.train), SCORED_IMAGES))


def _evaluation(run: RunFolder, step: int) -> dict[str, Any] | None:
    """The run's ``eval.json``, where it speaks of these weights."""
    import json

    try:
        value = json.loads(run.evaluation.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return value if isinstance(value, dict) and value.get("step") == step else None
