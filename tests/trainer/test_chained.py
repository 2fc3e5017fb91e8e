"""Chains against their oracle: plain autograd of the same layers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from trainer.chain import Slot
from trainer.config import RunConfig
from trainer.convolution import Reshape
from trainer.data.dataset import DataSet, Split
from trainer.nets import build
from trainer.noise import Noise
from trainer.prepare import resolve
from trainer.step import Losses, Stepper
from trainer.variants import VARIANTS

from .small_runs import blobs, config

CASES: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("undercomplete", {}, {}),
    ("undercomplete", {}, {"arch": "lecture"}),
    ("undercomplete", {}, {"hidden": ()}),
    ("sparse", {}, {}),
    ("sparse", {"charge": "batchtopk", "budget": 4.0}, {}),
    ("sparse", {}, {"arch": "lecture"}),
    ("denoising", {}, {"hidden": (16, 8)}),
    ("variational", {}, {}),
    ("variational", {"likelihood": "gaussian"}, {}),
    ("variational", {"covariance": "full"}, {}),
    ("variational", {"likelihood": "continuous-bernoulli"}, {"arch": "lecture"}),
    ("variational", {}, {"arch": "lecture"}),
    ("undercomplete", {}, {"arch": "conv", "hidden": (4, 8)}),
    ("undercomplete", {}, {"arch": "conv", "hidden": (6, 8)}),
    ("undercomplete", {}, {"arch": "conv", "hidden": ()}),
    ("sparse", {}, {"arch": "conv", "hidden": (4,)}),
    ("denoising", {}, {"arch": "conv", "hidden": (4, 8)}),
    ("variational", {}, {"arch": "conv", "hidden": (3, 4)}),
    ("variational", {"likelihood": "gaussian", "covariance": "full"}, {"arch": "conv", "hidden": (4,)}),
]


def stepper(what: RunConfig, *, chained: bool, data: DataSet | None = None) -> Stepper:
    data = data or blobs()
    resolved = resolve(what, data)
    model = build(resolved, what.variant, what.fit.arch, 0)
    what.variant.start(model, torch.from_numpy(data.train.mean_image()))
    made = Stepper(model, what.variant, what.fit, resolved, data.train)
    assert made.chained is not None
    if not chained:
        made.chained = None
    return made


def gradient(made: Stepper, step: int = 0) -> Tensor:
    made.fill_gradients(made.losses(*made.batches(step), Noise(0, step), made.weights(step)))
    return made.optimizer.gradients.clone()


def just(loss: Tensor) -> Losses:
    """A loss of any form, of which nothing else is known."""
    return Losses({"loss": loss}, loss, None)


@pytest.mark.parametrize(("variant", "options", "fit"), CASES, ids=str)
def test_gradients_are_those_of_plain_autograd(variant: str, options: dict[str, Any], fit: dict[str, Any]) -> None:
    what = config(variant, options, **fit)
    ours, oracle = gradient(stepper(what, chained=True)), gradient(stepper(what, chained=False))
    assert oracle.abs().max() > 0
    assert torch.allclose(ours, oracle, rtol=1e-5, atol=1e-7 * float(oracle.abs().max()))


@pytest.mark.parametrize(("variant", "options", "fit"), CASES, ids=str)
def test_the_loss_curve_is_that_of_plain_autograd(variant: str, options: dict[str, Any], fit: dict[str, Any]) -> None:
    what = config(variant, options, steps=100, **fit)
    ours, oracle = stepper(what, chained=True), stepper(what, chained=False)
    for step in range(100):
        found, expected = float(ours.advance(step)["loss"]), float(oracle.advance(step)["loss"])
        assert found == pytest.approx(expected, rel=1e-5)


def test_the_lectures_network_gets_the_weights_of_plain_autograd_bit_for_bit() -> None:
    what = config(arch="lecture", steps=100)
    ours, oracle = stepper(what, chained=True), stepper(what, chained=False)
    for step in range(100):
        found, expected = float(ours.advance(step)["loss"]), float(oracle.advance(step)["loss"])
        assert found == pytest.approx(expected, rel=1e-6)
    assert torch.equal(ours.optimizer.weights, oracle.optimizer.weights)


@pytest.mark.parametrize("arch", ["mlp", "conv"])
def test_an_encoder_that_is_called_twice_gets_both_gradients(arch: str) -> None:
    """A penalty may call the encoder again before anything went backward."""
    what = config("undercomplete", arch=arch)
    ours, oracle = stepper(what, chained=True), stepper(what, chained=False)
    x, _ = ours.batches(0)
    for made in (ours, oracle):
        network = made.chained or made.model
        made.fill_gradients(just((network.encode(x)["latent"] * network.encode(x.square())["latent"]).sum()))
    assert torch.allclose(ours.optimizer.gradients, oracle.optimizer.gradients, rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize("arch", ["mlp", "conv"])
def test_a_layer_that_took_no_part_has_no_gradient(arch: str) -> None:
    made = stepper(config("undercomplete", arch=arch), chained=True)
    assert made.chained is not None
    gradient(made)
    x, _ = made.batches(0)
    made.fill_gradients(just(made.chained.encode(x)["latent"].sum()))
    views = dict(made.optimizer.named(made.optimizer.gradients))
    assert all(view.any() == name.startswith("encoder") for name, view in views.items() if name.endswith("weight"))


def test_weights_that_a_penalty_touches_by_itself_get_that_gradient_too() -> None:
    what = config("undercomplete")
    ours, oracle = stepper(what, chained=True), stepper(what, chained=False)
    for made in (ours, oracle):
        x, target = made.batches(0)
        own = made.model.last.weight.square().sum()
        losses = made.losses(x, target, Noise(0, 0), {})
        made.fill_gradients(losses._replace(terms={"loss": losses.terms["loss"] + own}, penalty=own))
    assert torch.allclose(ours.optimizer.gradients, oracle.optimizer.gradients, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("arch", ["mlp", "conv"])
def test_two_losses_of_one_code_both_count(arch: str) -> None:
    what = config("variational", arch=arch)
    ours, oracle = stepper(what, chained=True), stepper(what, chained=False)
    for made in (ours, oracle):
        x, _ = made.batches(0)
        network = made.chained or made.model
        output = network.decode(network.encode(x)["mean"])
        made.fill_gradients(just((output.squared_error(x) + output.bernoulli_nll(x)).sum() + output.x_hat.sum()))
    assert torch.allclose(ours.optimizer.gradients, oracle.optimizer.gradients, rtol=1e-5, atol=1e-5)


def test_losses_that_nobody_differentiates_leave_nothing_behind() -> None:
    what = config("undercomplete")
    made, oracle = stepper(what, chained=True), stepper(what, chained=False)
    made.losses(*made.batches(1), Noise(0, 1), {})
    assert torch.allclose(gradient(made), gradient(oracle), rtol=1e-5, atol=1e-7)


def test_a_code_that_is_cut_off_teaches_the_encoder_nothing() -> None:
    made = stepper(config("undercomplete"), chained=True)
    assert made.chained is not None
    x, _ = made.batches(0)
    code = made.chained.encode(x)["latent"].detach()
    made.fill_gradients(just(made.chained.decode(code).squared_error(x).mean()))
    views = dict(made.optimizer.named(made.optimizer.gradients))
    assert all(view.any() == name.startswith("decoder") for name, view in views.items() if name.endswith("weight"))


def test_images_of_three_channels_and_odd_sides_are_put_in_order() -> None:
    what = config("undercomplete", arch="conv", hidden=(4, 8))
    pixels = np.random.RandomState(0).randint(0, 256, (40, 3, 7, 10)).astype(np.uint8)
    split = Split(images=pixels, labels=np.zeros(40, np.int64), index=np.arange(40))
    data = DataSet(name="colours", train=split, validation=split, test=split, classes=("one",), source="the test")
    ours, oracle = stepper(what, chained=True, data=data), stepper(what, chained=False, data=data)
    assert torch.allclose(gradient(ours), gradient(oracle), rtol=1e-5, atol=1e-5)


def test_a_change_of_shape_as_a_head_scales_and_adds() -> None:
    x = Slot(torch.rand(2, 3, 4, 5).to(memory_format=torch.channels_last))
    reshape = Reshape()
    y, gradient, into = reshape.output(x.tensor), Slot(torch.rand(2, 60)), x.alike()
    into.tensor.fill_(1.0)
    for call in (*reshape.forward(x, y, 2.0), reshape.through(gradient, into, add=True)):
        call()
    assert torch.equal(y.tensor, 2 * x.tensor.flatten(1))
    assert torch.equal(into.tensor, 1 + gradient.tensor.view(2, 3, 4, 5))


@pytest.mark.parametrize("where", ["encoder", "body"])
def test_layers_that_a_chain_does_not_know_take_plain_autograd(where: str) -> None:
    data, what = blobs(), config()
    resolved = resolve(what, data)
    model = build(resolved, what.variant, what.fit.arch, 0)
    half = model.encoder if where == "encoder" else model.body
    half.insert([isinstance(layer, nn.ReLU) for layer in half].index(True), nn.LayerNorm(16))
    made = Stepper(model, what.variant, what.fit, resolved, data.train)
    assert made.chained is None
    assert torch.isfinite(made.advance(0)["loss"])


@pytest.mark.parametrize("variant", VARIANTS)
def test_an_image_that_is_not_finite_leaves_the_weights_alone(variant: str) -> None:
    made = stepper(config(variant), chained=True)
    before = made.optimizer.weights.clone()
    x, target = made.batches(0)
    terms = made.update(x * torch.nan, target, Noise(0, 0), 1e-3, {})
    assert torch.isnan(terms["loss"])
    assert torch.allclose(made.optimizer.weights, before, rtol=1e-6)  # sparse brings its columns to unit length again
