"""On images that are no data, at least one score passes the 99th percentile, whatever the variant.

The trap: autoencoders of Fashion-MNIST reconstruct a black image better than any garment, and the code of a gray one
lies in the middle of the training codes.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from export.errors import ToolError
from export.scores import fit_scores, pixel_variance
from trainer import cli
from trainer.data.dataset import DataSet
from trainer.data.load import load
from trainer.inference.inputs import open_inputs
from trainer.inference.models import Opened, open_bundle
from trainer.inference.scoring import score_images, squared_errors

from ..linear_bundles import replace_scores

SCORES = ("error-percentile", "relative-error-percentile", "distance-percentile")
STEPS = {"digits": 240, "fashion-mnist": 400}


@pytest.fixture(scope="module", params=list(STEPS))
def data(request: pytest.FixtureRequest) -> DataSet:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AETUI_MIRROR", "http://127.0.0.1:9")  # a test fetches nothing
        try:
            return load(request.param)
        except ToolError:
            pytest.skip(f"{request.param} is not on this machine: aetrain data {request.param}   fetches it")


@pytest.fixture(scope="module", params=["undercomplete", "sparse", "denoising", "variational"])
def opened(request: pytest.FixtureRequest, data: DataSet, tmp_path_factory: pytest.TempPathFactory) -> Opened:
    """A short run of the variant, exported, with the scores of 4,096 of its training images."""
    runs = tmp_path_factory.mktemp("runs")
    words = ["--data", data.name, "--steps", str(STEPS[data.name]), "--name", "r", "--runs-dir", str(runs)]
    cli.run(["fit", request.param, *words])
    cli.run(["export", "r", "--runs-dir", str(runs)])
    folder = runs / "r/export/fp32"
    model = open_bundle(str(folder), runs, "cpu").model
    x = data.train.pixels(data.train.sample(4096))
    code, x_hat = model.reconstruct(x)
    replace_scores(folder, fit_scores(squared_errors(x, x_hat), code, pixel_variance(x)).to_npz())
    return open_bundle(str(folder), runs, "cpu")


def percentiles(opened: Opened, images: np.ndarray, tmp_path: Path) -> dict[str, np.ndarray]:
    np.save(tmp_path / "x.npy", images.astype(np.float32))
    inputs = open_inputs([tmp_path / "x.npy"], opened, limit=None, skip_bad=False, say=lambda text: None)
    return score_images(opened, inputs, opened.scores(), batch_size=256, done=lambda count: None).columns


def test_images_that_are_no_data_pass_the_99th_percentile_of_some_score(
    opened: Opened, data: DataSet, tmp_path: Path
) -> None:
    test = data.test.pixels(slice(0, 100))
    random = np.random.default_rng(0)
    shape = test.shape[1:]
    strange = {
        "black": np.zeros((1, *shape)),
        "mid-gray": np.full((1, *shape), 0.5),
        "white": np.ones((1, *shape)),
        "inverted": 1 - test,
        "very noisy": np.clip(test + random.standard_normal(test.shape), 0, 1),
        "noise alone": random.random(test.shape),
    }
    for kind, images in strange.items():
        found = percentiles(opened, images, tmp_path)
        least = found["highest-percentile"].min()
        assert least >= 99, (kind, least, {name: float(np.median(found[name])) for name in SCORES})


def test_images_that_are_data_seldom_pass_it(opened: Opened, data: DataSet, tmp_path: Path) -> None:
    found = percentiles(opened, data.test.pixels(slice(0, 1000)), tmp_path)
    for name in SCORES:
        # One in a hundred of the training images does; test images lie a little worse.
        assert (found[name] >= 99).mean() < 0.05, name
        assert 40 < np.median(found[name]) < 70, name
