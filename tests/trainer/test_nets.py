from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import torch
from torch import nn

from export.errors import ToolError
from trainer.config import FitConfig, RunConfig
from trainer.data.dataset import DataSet, Split
from trainer.nets import build, start_at_mean
from trainer.prepare import resolve
from trainer.variants import VARIANTS, Sparse, Undercomplete

from .small_runs import blobs


def network(variant: str, data: DataSet | None = None, **fit: object):  # type: ignore[no-untyped-def]
    config = RunConfig(fit=FitConfig(device="cpu", **fit), variant=VARIANTS[variant]())  # type: ignore[arg-type]
    resolved = resolve(config, data or blobs())
    return build(resolved, config.variant, config.fit.arch, 0), resolved


def linear_widths(module: nn.Module) -> list[tuple[int, int]]:
    return [(layer.in_features, layer.out_features) for layer in module.modules() if isinstance(layer, nn.Linear)]


def test_the_lectures_network_is_the_lectures() -> None:
    model, _ = network("undercomplete", arch="lecture")
    assert linear_widths(model.encoder) == [(36, 128), (128, 64), (64, 12), (12, 3)]
    assert linear_widths(model.decoder) == [(3, 12), (12, 64), (64, 128), (128, 36)]
    kinds = [type(layer).__name__ for layer in model.decoder.get_submodule("output")]
    assert kinds == ["Tanh", "Affine"]
    assert isinstance(model.encoder[-1]["latent"], nn.Linear)  # no ReLU on the code


def test_the_lectures_network_sees_images_in_minus_one_to_one() -> None:
    model, _ = network("undercomplete", arch="lecture")
    assert torch.equal(model.encoder[0](torch.tensor([0.0, 0.5, 1.0])), torch.tensor([-1.0, 0.0, 1.0]))


@pytest.mark.parametrize("arch", ["mlp", "lecture"])
def test_a_sparse_code_is_as_wide_as_the_image_and_not_negative(arch: str) -> None:
    model, resolved = network("sparse", arch=arch)
    assert isinstance(VARIANTS["sparse"](), Sparse)
    assert linear_widths(model) == [(36, 36), (36, 36)]
    assert resolved.latent_dim == 36
    assert (model.encode(torch.rand(50, 1, 6, 6))["latent"] >= 0).all()


def pictures(shape: tuple[int, int, int], count: int = 20) -> DataSet:
    """Noise in the shape of images."""
    images = np.random.default_rng(0).integers(0, 256, (count, *shape)).astype(np.uint8)
    rows = np.arange(count, dtype=np.int64)
    split = Split(images=images, labels=np.full(count, -1, np.int64), index=rows)
    return DataSet(name="noise", classes=(), source="made by the test", train=split, validation=split, test=split)


@pytest.mark.parametrize("shape", [(1, 28, 28), (3, 32, 32), (1, 8, 8), (3, 13, 7), (1, 5, 2), (1, 3, 3)], ids=str)
@pytest.mark.parametrize("hidden", [None, (8,), (4, 8, 16), ()], ids=str)
def test_convolutions_give_images_of_any_size_back(shape: tuple[int, int, int], hidden: tuple[int, ...] | None) -> None:
    model, resolved = network("variational", pictures(shape), arch="conv", hidden=hidden, latent_dim=3)
    heads = model.encode(torch.rand(2, *shape))
    assert {name: tuple(head.shape) for name, head in heads.items()} == {"mean": (2, 3), "log_variance": (2, 3)}
    assert model.decode(heads["mean"]).x_hat.shape == (2, *shape)
    assert resolved.hidden == ((32, 64) if hidden is None else hidden)


def test_a_convolution_halves_the_image_and_its_mirror_doubles_it() -> None:
    model, _ = network("undercomplete", pictures((3, 32, 20)), arch="conv")
    down = [layer for layer in model.encoder if isinstance(layer, nn.Conv2d)]
    up = [layer for layer in model.body if isinstance(layer, nn.ConvTranspose2d)]
    assert [(layer.in_channels, layer.out_channels) for layer in down] == [(3, 32), (32, 64)]
    assert [(layer.in_channels, layer.out_channels) for layer in up] == [(64, 32), (32, 3)]
    assert linear_widths(model) == [(64 * 8 * 5, 16), (16, 64 * 8 * 5)]


def test_convolutions_want_rows_and_columns() -> None:
    with pytest.raises(ToolError, match="conv does not suit"):
        network("undercomplete", pictures((1, 1, 9)), arch="conv")


@pytest.mark.parametrize("arch", ["mlp", "lecture"])
@pytest.mark.parametrize("variant", VARIANTS)
def test_points_are_standardised_inside(variant: str, arch: str) -> None:
    """Whatever units they come in, the layers see about the same, and the reconstruction is in those units."""
    points = np.random.default_rng(0).uniform(-3, 900, (50, 1, 1, 4)).astype(np.float32)
    points[..., 2] *= 1e-3
    points[..., 3] = 7  # a coordinate that never changes
    split = dataclasses.replace(pictures((1, 1, 4), 50).train, images=points)
    data = DataSet(
        name="points", classes=(), source="made by the test", train=split, validation=split, test=split, points=True
    )
    model, resolved = network(variant, data, arch=arch)
    x = torch.from_numpy(points)
    seen = model.encoder[0](x)
    assert seen.abs().max() <= 1
    assert resolved.input_range == (float(points.min()), float(points.max()))
    far = model.decoder.get_submodule("output")(torch.full((1, 1, 1, 4), 30.0))
    assert far[0, 0, 0, 0] > points[..., 0].max()
    at_mean = model.decoder.get_submodule("output")(torch.zeros(1, 1, 1, 4)).flatten()
    assert at_mean[3] == 7
    assert torch.allclose(at_mean[0], x[..., 0].min() / 2 + x[..., 0].max() / 2, rtol=1e-5)


@pytest.mark.parametrize("arch", ["mlp", "lecture", "conv"])
@pytest.mark.parametrize("variant", VARIANTS)
def test_reconstructions_are_images_and_logits_are_their_log_odds(variant: str, arch: str) -> None:
    model, resolved = network(variant, arch=arch)
    heads = model.encode(torch.rand(3, 1, 6, 6))
    assert {name: head.shape[1] for name, head in heads.items()} == resolved.heads
    output = model.decode(torch.randn(3, resolved.latent_dim) * 5)
    assert output.x_hat.shape == output.logits.shape == (3, 1, 6, 6)
    assert output.x_hat.min() >= 0
    assert output.x_hat.max() <= 1
    if model.is_sigmoid:
        assert torch.allclose(torch.sigmoid(output.logits), output.x_hat, atol=1e-6)
    assert torch.allclose(model.decoder.get_submodule("output")(output.pre_activation), output.x_hat, atol=1e-6)


def test_weights_depend_on_the_seed_alone() -> None:
    config = RunConfig(fit=FitConfig(device="cpu"), variant=Undercomplete())
    resolved = resolve(config, blobs())
    torch.manual_seed(1)
    first = build(resolved, config.variant, "mlp", 5).state_dict()
    torch.manual_seed(2)
    second = build(resolved, config.variant, "mlp", 5).state_dict()
    assert all(torch.equal(first[name], second[name]) for name in first)


@pytest.mark.parametrize("arch", ["mlp", "lecture"])
def test_a_network_that_starts_at_the_mean_answers_with_the_mean(arch: str) -> None:
    model, _ = network("undercomplete", arch=arch)
    with torch.no_grad():
        for parameter in model.last.parameters():
            parameter.zero_()
    mean = torch.from_numpy(blobs().train.pixels().mean(0))
    start_at_mean(model, mean)
    answer = model.decode(torch.zeros(1, model.decoder.get_submodule("body")[0].in_features)).x_hat[0]
    assert torch.allclose(answer, mean.clamp(0.01, 0.99), atol=1e-5)
