"""Lowering, held against torch itself and against ONNX's own reference implementation."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from onnx.reference import ReferenceEvaluator
from torch import nn

from export.errors import ExitCode, ToolError
from export.graph import Graph, Value, serialized
from export.layers import Affine, Heads
from export.lower import lower, lower_decoder, lower_encoder
from export.runtime import open_session


def outputs(model: onnx.ModelProto, values: np.ndarray) -> dict[str, np.ndarray]:
    session = open_session(serialized(model), ["CPUExecutionProvider"])
    names = [port.name for port in session.get_outputs()]
    return dict(zip(names, session.run(names, {session.get_inputs()[0].name: values}), strict=True))


def test_the_encoder_graph_computes_what_torch_computes(kind, make_networks):
    built = make_networks(kind)
    images = built.images(7)
    found = outputs(lower_encoder(built.encoder, built.image_shape), images)
    with torch.no_grad():
        wanted = built.encoder(torch.from_numpy(images))
    assert list(found) == list(wanted)
    for name, head in wanted.items():
        np.testing.assert_allclose(found[name], head.numpy(), rtol=0, atol=1e-6)


def test_the_decoder_graph_computes_what_torch_computes(kind, make_networks):
    built = make_networks(kind)
    latent = np.random.default_rng(1).standard_normal((7, built.latent_dim), dtype=np.float32)
    found = outputs(lower_decoder(built.decoder, built.latent_dim, built.image_shape), latent)
    with torch.no_grad():
        wanted = built.decoder(torch.from_numpy(latent)).numpy()
    assert list(found) == ["reconstruction"]
    np.testing.assert_allclose(found["reconstruction"], wanted, rtol=0, atol=1e-6)


def test_the_reference_implementation_of_onnx_agrees(kind, make_networks):
    built = make_networks(kind)
    images = built.images(3)
    (code, *_) = ReferenceEvaluator(lower_encoder(built.encoder, built.image_shape)).run(None, {"image": images})
    decoder = lower_decoder(built.decoder, built.latent_dim, built.image_shape)
    (x_hat,) = ReferenceEvaluator(decoder).run(None, {"latent": code})
    with torch.no_grad():
        heads = built.encoder(torch.from_numpy(images))
        wanted = built.decoder(next(iter(heads.values()))).numpy()
    np.testing.assert_allclose(x_hat, wanted, rtol=0, atol=1e-6)


def test_the_file_is_opset_18_ir_10_of_the_standard_domain_and_checked(kind, make_networks):
    built = make_networks(kind)
    for model in (
        lower_encoder(built.encoder, built.image_shape),
        lower_decoder(built.decoder, built.latent_dim, built.image_shape),
    ):
        onnx.checker.check_model(model, full_check=True)
        assert model.ir_version == 10
        assert [(opset.domain, opset.version) for opset in model.opset_import] == [("", 18)]


@pytest.mark.parametrize("count", [0, 1, 5])
def test_the_batch_is_dynamic_and_may_be_empty(kind, count, make_networks):
    built = make_networks(kind)
    heads = outputs(lower_encoder(built.encoder, built.image_shape), built.images(count))
    code = next(iter(heads.values()))
    assert code.shape == (count, built.latent_dim)
    x_hat = outputs(lower_decoder(built.decoder, built.latent_dim, built.image_shape), code)["reconstruction"]
    assert x_hat.shape == (count, *built.image_shape)


_DIGEST = """
import hashlib, runpy, sys
from export.graph import serialized
from export.lower import lower_decoder, lower_encoder
built = runpy.run_path(sys.argv[1])["networks"](sys.argv[2])
encoder = lower_encoder(built.encoder, built.image_shape)
decoder = lower_decoder(built.decoder, built.latent_dim, built.image_shape)
print(hashlib.sha256(serialized(encoder) + serialized(decoder)).hexdigest())
"""


@pytest.mark.parametrize("kind", ["variational", "lecture"])
def test_the_bytes_repeat_in_any_process_folder_and_hash_seed(kind, tmp_path, make_networks):
    built = make_networks(kind)
    encoder = lower_encoder(built.encoder, built.image_shape)
    decoder = lower_decoder(built.decoder, built.latent_dim, built.image_shape)
    here = hashlib.sha256(serialized(encoder) + serialized(decoder)).hexdigest()
    command = [sys.executable, "-c", _DIGEST, str(Path(__file__).with_name("conftest.py")), kind]
    for seed in ("1", "31337"):
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        there = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True)
        assert there.stdout.strip() == here


def test_training_mode_and_gradients_change_nothing(make_networks):
    built = make_networks("variational")
    before = serialized(lower_encoder(built.encoder.eval(), built.image_shape))
    assert serialized(lower_encoder(built.encoder.train(), built.image_shape)) == before
    assert built.encoder.training


def test_a_convolutional_network_computes_what_torch_computes():
    torch.manual_seed(0)
    encoder = nn.Sequential(
        nn.Conv2d(3, 4, 3, stride=2, padding=1), nn.BatchNorm2d(4), nn.ReLU(), nn.Conv2d(4, 6, (3, 2), dilation=(1, 2)),
        nn.LeakyReLU(0.2), nn.Flatten(), Heads({"latent": nn.Linear(6 * 6 * 6, 5)}),
    )  # fmt: skip
    decoder = nn.Sequential(
        nn.Linear(5, 4 * 8 * 8), nn.BatchNorm1d(4 * 8 * 8), nn.SiLU(), nn.Unflatten(1, (4, 8, 8)),
        nn.ConvTranspose2d(4, 3, 3, stride=2, padding=1, output_padding=1), nn.Softplus(), nn.Dropout(), nn.Tanh(),
    )  # fmt: skip
    images = torch.rand(9, 3, 16, 16)
    decoder(encoder(images)["latent"])  # gives the normalisation something to remember
    encoder.eval()
    decoder.eval()
    with torch.no_grad():
        code = encoder(images)["latent"]
        x_hat = decoder(code)
    found = outputs(lower_encoder(encoder, (3, 16, 16)), images.numpy())["latent"]
    np.testing.assert_allclose(found, code.numpy(), rtol=0, atol=2e-6)
    found = outputs(lower_decoder(decoder, 5, (3, 16, 16)), code.numpy())["reconstruction"]
    np.testing.assert_allclose(found, x_hat.numpy(), rtol=0, atol=2e-6)


def test_an_encoder_without_heads_gives_latent():
    model = lower_encoder(nn.Sequential(nn.Flatten(), nn.Linear(4, 2)), (1, 2, 2))
    assert [output.name for output in model.graph.output] == ["latent"]


def test_heads_may_share_what_they_give():
    encoder = nn.Sequential(nn.Flatten(), Heads({"mean": nn.Identity(), "log_variance": nn.Identity()}))
    found = outputs(lower_encoder(encoder, (1, 1, 2)), np.array([[[[0.25, 0.5]]]], np.float32))
    assert list(found) == ["mean", "log_variance"]
    assert [value.tolist() for value in found.values()] == [[[0.25, 0.5]]] * 2


def test_a_network_that_does_nothing_is_a_graph_too():
    found = outputs(lower_decoder(nn.Unflatten(1, (1, 1, 2)), 2, (1, 1, 2)), np.array([[1, 2]], np.float32))
    assert found["reconstruction"].tolist() == [[[[1, 2]]]]


def test_the_file_knows_shapes_and_ranges_and_nothing_else(make_networks):
    built = make_networks("variational")
    model = lower_encoder(built.encoder, built.image_shape)
    assert {entry.key: entry.value for entry in model.metadata_props} == {
        "image_range": "0,1",
        "image_shape": "1,8,8",
        "mean_shape": "3",
        "log_variance_shape": "3",
    }
    assert not model.doc_string
    assert not model.producer_version


def test_an_unknown_layer_is_named_with_the_way_out():
    with pytest.raises(ToolError, match="Hardswish") as caught:
        lower_encoder(nn.Sequential(nn.Flatten(), nn.Hardswish()), (1, 2, 2))
    assert "--exporter torch" in caught.value.do
    assert caught.value.exit_code == ExitCode.USAGE


def test_a_layer_that_overrides_what_it_inherits_is_unknown():
    class Twice(nn.Linear):
        def forward(self, x):
            return 2 * super().forward(x)

    with pytest.raises(ToolError, match="Twice"):
        lower_encoder(nn.Sequential(nn.Flatten(), Twice(4, 2)), (1, 2, 2))


def test_a_layer_can_be_taught_from_outside():
    class Square(nn.Module):
        def forward(self, x):
            return x * x

    @lower.register(Square)
    def _(module: Square, graph: Graph, x: Value) -> Value:
        return graph.add_pair("Mul", x, x)

    found = outputs(
        lower_encoder(nn.Sequential(nn.Flatten(), Square()), (1, 1, 2)), np.full((1, 1, 1, 2), 3, np.float32)
    )
    assert found["latent"].tolist() == [[9, 9]]


@pytest.mark.parametrize(
    "layers",
    [
        [nn.Linear(4, 2)],  # an image is not a vector yet
        [nn.Flatten(), nn.Linear(5, 2)],
        [nn.Flatten(0), nn.Linear(4, 2)],
        [nn.Flatten(), nn.Softplus(beta=2)],
        [nn.Flatten(), nn.Unflatten(1, (3, 2))],
        [nn.Conv2d(2, 1, 1)],
        [nn.Conv2d(1, 1, 1, padding="same")],
        [nn.BatchNorm2d(1, track_running_stats=False)],
        [nn.Flatten(), Heads({"latent": nn.Identity()}), nn.ReLU()],
    ],
)
def test_a_layer_that_does_not_fit_is_an_error(layers):
    with pytest.raises(ToolError) as caught:
        lower_encoder(nn.Sequential(*layers), (1, 2, 2))
    assert caught.value.exit_code == ExitCode.USAGE


def test_a_decoder_has_to_give_an_image():
    with pytest.raises(ToolError, match=r"gets \[4\]") as caught:
        lower_decoder(nn.Linear(3, 4), 3, (1, 2, 2))
    assert "[1, 2, 2]" in caught.value.why


def test_affine_takes_the_unit_interval_to_minus_one_and_one_and_back():
    x = torch.tensor([0.0, 0.5, 1.0])
    assert Affine(2, -1)(x).tolist() == [-1, 0, 1]
    assert torch.equal(Affine(0.5, 0.5)(Affine(2, -1)(x)), x)


def test_heads_keep_their_order():
    heads = Heads({"mean": nn.Identity(), "log_variance": nn.Identity(), "a": nn.Identity()})
    assert list(heads(torch.zeros(1))) == ["mean", "log_variance", "a"]
