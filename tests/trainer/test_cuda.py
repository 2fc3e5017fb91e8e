"""What only a GPU can show. Run with: python -m pytest -m gpu"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from export.bundle import read_bundle
from export.runtime import open_model
from trainer import checkpoint
from trainer.evaluate import mean_image_mse, mse_on_test
from trainer.restore import load_trained
from trainer.runs.metrics import MetricsTail
from trainer.variants import VARIANTS

from .small_runs import blobs, config, quick_run

pytestmark = pytest.mark.gpu


@pytest.mark.parametrize("arch", ["mlp", "lecture"])
@pytest.mark.parametrize("variant", VARIANTS)
def test_every_variant_learns_on_cuda(tmp_path: Path, variant: str, arch: str) -> None:
    data = blobs()
    run, outcome = quick_run(tmp_path / "r", config(variant, steps=500, arch=arch, lr=1e-2, device="cuda"), data)
    assert next(outcome.model.parameters()).is_cuda
    assert mse_on_test(outcome.model, data) < 0.9 * mean_image_mse(data)
    assert all(not tensor.is_cuda for tensor in checkpoint.load_newest(run).model.values())
    assert next(load_trained(run, data).model.parameters()).is_cuda


@pytest.mark.parametrize("precision", ["tf32", "bf16"])
def test_reduced_precision_trains(tmp_path: Path, precision: str) -> None:
    data = blobs()
    _, outcome = quick_run(tmp_path / "r", config(steps=500, lr=1e-2, device="cuda", precision=precision), data)
    assert mse_on_test(outcome.model, data) < 0.9 * mean_image_mse(data)


def test_a_first_step_on_cuda_is_that_of_the_cpu(tmp_path: Path) -> None:
    losses = []
    for device in ("cpu", "cuda"):
        run, _ = quick_run(tmp_path / device, config(steps=1, device=device))
        losses.append([row["loss"] for row in MetricsTail(run.metrics).read_all().rows])
    # The validation row follows an update, in which Adam blows up the sign of gradients that are all but zero.
    assert losses[1][0] == pytest.approx(losses[0][0], rel=1e-4)


def test_onnxruntime_runs_on_cuda_and_agrees_with_its_cpu(tmp_path: Path) -> None:
    data = blobs()
    run, _ = quick_run(tmp_path / "r", config("variational", device="cuda"), data)
    bundle = read_bundle(run.live)
    on_gpu, on_cpu = open_model(bundle, "cuda"), open_model(bundle, "cpu")
    assert (on_gpu.provider, on_cpu.provider) == ("CUDA", "CPU")
    images = data.test.pixels()
    assert np.allclose(on_gpu.reconstruct(images)[1], on_cpu.reconstruct(images)[1], atol=1e-4)
