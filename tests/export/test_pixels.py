"""Graphs that take and give bytes."""

from __future__ import annotations

import numpy as np
import onnx
import pytest
from torch import nn

from export.errors import ToolError
from export.graphs import lower_graphs
from export.layers import Affine
from export.pixels import add_byte_graphs, check_byte_graphs
from export.runtime import open_session

SHAPE = (3, 2, 5)
LEVELS = np.random.default_rng(4).integers(0, 256, (6, *SHAPE), dtype=np.uint8)


@pytest.fixture(params=["NCHW", "NHWC"])
def pixel_layout(request):
    return request.param


@pytest.fixture
def files(pixel_layout):
    decoder = nn.Sequential(Affine(1.0, 0.25), nn.Unflatten(1, SHAPE))
    graphs = lower_graphs(nn.Flatten(), decoder, SHAPE, 30).files
    return {**graphs, **add_byte_graphs(graphs, pixel_layout)}


def run(graph, **feed):
    return open_session(graph, ["CPUExecutionProvider"]).run(None, feed)[0]


def arranged(array, pixel_layout):
    return array if pixel_layout == "NCHW" else array.transpose(0, 2, 3, 1)


def test_bytes_become_pixels_in_the_unit_interval(files, pixel_layout):
    found = run(files["encoder_u8.onnx"], image=arranged(LEVELS, pixel_layout))
    assert np.array_equal(found, (LEVELS.astype(np.float32) / 255).reshape(6, -1))


def test_pixels_become_the_nearest_of_256_levels_and_stay_in_range(files, pixel_layout):
    codes = np.random.default_rng(5).uniform(-0.5, 1.2, (6, 30)).astype(np.float32)
    found = run(files["decoder_u8.onnx"], latent=codes)
    wanted = np.floor((codes + np.float32(0.25)).clip(0, 1) * 255 + 0.5).astype(np.uint8).reshape(6, *SHAPE)
    assert found.dtype == np.uint8
    assert np.array_equal(found, arranged(wanted, pixel_layout))


@pytest.mark.parametrize("count", [0, 1, 7])
def test_the_batch_is_dynamic(files, pixel_layout, count):
    images = arranged(np.zeros((count, *SHAPE), np.uint8), pixel_layout)
    assert run(files["encoder_u8.onnx"], image=images).shape == (count, 30)
    assert run(files["decoder_u8.onnx"], latent=np.zeros((count, 30), np.float32)).shape == images.shape


def test_they_pass_the_checker_in_the_opset_of_the_float_graphs(files):
    for name in ("encoder_u8.onnx", "decoder_u8.onnx"):
        model = onnx.load_model_from_string(files[name])
        onnx.checker.check_model(model, full_check=True)
        assert [(opset.domain, opset.version) for opset in model.opset_import] == [("", 18)]


def test_graphs_of_the_same_weights_agree_and_others_are_refused(files, pixel_layout):
    images = LEVELS.astype(np.float32) / 255
    check_byte_graphs(files, pixel_layout, images)
    other = lower_graphs(
        nn.Sequential(nn.Flatten(), Affine(1.01, 0)),
        nn.Sequential(Affine(1.0, 0.3), nn.Unflatten(1, SHAPE)),
        SHAPE,
        30,
    ).files
    for name in ("encoder.onnx", "decoder.onnx"):
        with pytest.raises(ToolError) as caught:
            check_byte_graphs({**files, name: other[name]}, pixel_layout, images)
        assert caught.value.exit_code == 1
        assert name.replace(".onnx", "_u8") in caught.value.what
