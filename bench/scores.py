"""``python -m bench.scores RUN … [--exported]``: what ``aetrain eval`` does not say of a run, as JSON on stdout."""

from __future__ import annotations

import argparse
import copy
import json
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from bench.machine import aetrain, run

Pixels = npt.NDArray[np.float32]

_BATCH = 128


def collapsed(scores: dict[str, Any]) -> bool:
    """Whether a run answers with the mean image, or nearly so, whatever it is shown."""
    return bool(scores["mse"] > 0.9 * scores["mean_image_mse"] or scores["variance_share"] < 0.05)


def variance_share(x_hat: Pixels, x: Pixels) -> float:
    """How much the reconstructions differ among each other, beside how much the images do. (n, …) each."""
    return float(x_hat.reshape(len(x_hat), -1).var(axis=0).sum() / x.reshape(len(x), -1).var(axis=0).sum())


def score(trained: Any, *, exported: bool) -> dict[str, Any]:
    """Errors per pixel on the test images: the run's, the mean image's; and the share of the variance that is kept."""
    x = trained.data.test.pixels()
    x_hat = _reconstruct(trained.model, x)
    mean = trained.data.train.mean_image()
    result: dict[str, Any] = {
        "mse": _mse(x_hat, x),
        "mean_image_mse": _mse(np.broadcast_to(mean, x.shape), x),
        "variance_share": variance_share(x_hat, x),
    }
    if exported:
        # Training mode spends a budget over the batch; in a copy, since it moves the threshold.
        result["batch_form_mse"] = _mse(_reconstruct(copy.deepcopy(trained.model).train(), x), x)
        result["exported_mse"] = _mse(_through_the_graphs(trained.run.path, x), x)
    return result


def _mse(x_hat: npt.NDArray[np.floating], x: Pixels) -> float:
    return float(np.square(x_hat - x).mean(dtype=np.float64))


def _reconstruct(model: Any, x: Pixels) -> Pixels:
    import torch

    device = next(model.parameters()).device
    with torch.no_grad():
        parts = [
            model.decode(next(iter(model.encode(part.to(device)).values()))).x_hat.cpu()
            for part in torch.from_numpy(x).split(_BATCH)
        ]
    pixels: Pixels = torch.cat(parts).numpy()
    return pixels


def _through_the_graphs(run_folder: Path, x: Pixels) -> Pixels:
    """Export the run and take ``x`` through its two ONNX files, with onnxruntime alone."""
    import onnxruntime as ort

    with tempfile.TemporaryDirectory() as folder:
        run(aetrain("export", run_folder, "--format", "onnx", "--output", folder))
        bundle = Path(folder) / run_folder.name
        sessions = [
            ort.InferenceSession(bundle / f"{half}.onnx", providers=["CPUExecutionProvider"])
            for half in ("encoder", "decoder")
        ]
        parts = []
        for start in range(0, len(x), _BATCH):
            part = x[start : start + _BATCH]
            for session in sessions:
                part = session.run(None, {session.get_inputs()[0].name: part})[0]
            parts.append(part)
    return np.concatenate(parts)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.scores", description=__doc__)
    parser.add_argument("runs", nargs="+", type=Path, help="folders of runs of one data set")
    parser.add_argument("--exported", action="store_true", help="also export each, and score the graphs")
    options = parser.parse_args()
    from trainer.restore import load_trained
    from trainer.runs.folder import RunFolder

    results, data = {}, None
    for path in options.runs:
        trained = load_trained(RunFolder(path), data)
        data = trained.data
        results[path.name] = score(trained, exported=options.exported)
    print(json.dumps(results))


if __name__ == "__main__":
    main()
