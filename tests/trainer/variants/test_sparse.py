from __future__ import annotations

import dataclasses
from typing import Any

import pytest
import torch

from export.graphs import lower_graphs
from export.layers import BatchTopK
from export.parity import check_parity
from trainer.config import FitConfig, RunConfig
from trainer.evaluate import HeldOutImages, mse_on_test
from trainer.nets import Autoencoder, build
from trainer.prepare import resolve
from trainer.step import Stepper
from trainer.variants import Sparse, Variant

from ..small_runs import blobs, config

ARCHITECTURES: list[tuple[str, tuple[int, ...] | None]] = [
    ("mlp", None), ("mlp", (20, 10)), ("lecture", None), ("conv", (4,))
]  # fmt: skip


def started(variant: Sparse, arch: str = "mlp", hidden: tuple[int, ...] | None = None) -> Autoencoder:
    """A network of ``variant`` for ``blobs``, before its first step."""
    data = blobs()
    what = RunConfig(fit=FitConfig(device="cpu", arch=arch, hidden=hidden), variant=variant)  # type: ignore[arg-type]
    model = build(resolve(what, data), variant, arch, seed=0)
    variant.start(model, torch.from_numpy(data.train.mean_image()))
    return model


def trained(
    variant: Sparse, steps: int = 400, start: Any = Sparse.start, **fit: Any
) -> tuple[Stepper, dict[str, float | int | None]]:
    """A network of ``variant`` after some steps on ``blobs``, and its metrics on their test images."""
    data = blobs()
    what = config("sparse", dataclasses.asdict(variant), steps=steps, hidden=None, **fit)
    resolved = resolve(what, data)
    model = build(resolved, variant, what.fit.arch, seed=0)
    start(variant, model, torch.from_numpy(data.train.mean_image()))
    stepper = Stepper(model, variant, what.fit, resolved, data.train)
    for step in range(steps):
        stepper.advance(step)
    model.eval()
    with torch.no_grad():
        return stepper, variant.metrics(HeldOutImages(model, data.test.images, seed=0))


def into_and_out_of_the_code(model: Autoencoder) -> tuple[torch.Tensor, torch.Tensor]:
    return model.encoder[-1]["latent"][0].weight, model.body[0].weight


@pytest.mark.parametrize(("arch", "hidden"), ARCHITECTURES, ids=str)
@pytest.mark.parametrize("charge", ["l1", "kl", "batchtopk"])
def test_the_decoder_starts_as_the_encoders_transpose_with_columns_of_unit_length(
    charge: Any, arch: str, hidden: tuple[int, ...] | None
) -> None:
    into, out_of = into_and_out_of_the_code(started(Sparse(charge=charge), arch, hidden))
    assert torch.equal(into, out_of.t())
    assert torch.allclose(out_of.norm(dim=0), torch.ones(36), atol=1e-6)


@pytest.mark.parametrize(("arch", "hidden"), ARCHITECTURES, ids=str)
def test_an_activation_of_one_starts_with_an_effect_of_length_one_on_the_pre_activations(
    arch: str, hidden: tuple[int, ...] | None
) -> None:
    """Else the same price would be dear in a deep decoder, whose layers shrink what passes through them."""
    model = started(Sparse(), arch, hidden)
    with torch.no_grad():
        moved = model.body(torch.eye(36)) - model.body(torch.zeros(1, 36))
    assert float(moved.flatten(1).norm(dim=1).mean()) == pytest.approx(1, rel=1e-4)


@pytest.mark.parametrize(("arch", "hidden"), ARCHITECTURES, ids=str)
def test_the_mean_image_starts_with_a_silent_code(arch: str, hidden: tuple[int, ...] | None) -> None:
    mean = torch.from_numpy(blobs().train.mean_image())[None]
    assert started(Sparse(), arch, hidden).encode(mean)["latent"].abs().max() < 1e-5


@pytest.mark.parametrize("arch", ["mlp", "lecture"])
def test_a_silent_code_starts_as_the_mean_image(arch: str) -> None:
    mean = torch.from_numpy(blobs().train.mean_image())
    answer = started(Sparse(), arch).decode(torch.zeros(1, 36)).x_hat[0]
    assert torch.allclose(answer, mean.clamp(0.01, 0.99), atol=0.01)


@pytest.mark.parametrize("options", [{}, {"charge": "kl"}, {"charge": "batchtopk", "budget": 4.0}], ids=str)
def test_columns_keep_unit_length_and_units_their_lives(options: dict[str, Any]) -> None:
    """Against the same training of a network that is neither centred nor started as its own transpose."""
    variant = Sparse(**options)
    stepper, metrics = trained(variant)
    _, without = trained(variant, start=start_without_care)
    _, out_of = into_and_out_of_the_code(stepper.model)
    assert torch.allclose(out_of.norm(dim=0), torch.ones(36), atol=1e-5)
    assert alive(metrics) > 1.25 * alive(without) or alive(metrics) == 36


def alive(metrics: dict[str, float | int | None]) -> float:
    dead = metrics["dead_units"]
    assert dead is not None
    return 36 - dead


def start_without_care(variant: Sparse, model: Autoencoder, mean: torch.Tensor) -> None:
    Variant.start(variant, model, mean)
    model.encoder[0].mean.zero_()


@pytest.mark.parametrize("lr", [1e-2, 3e-2])
def test_a_higher_price_leaves_fewer_units_active(lr: float) -> None:
    cheap, dear = (trained(Sparse(l1=l1), lr=lr)[1]["active_per_image"] for l1 in (0.02, 0.5))
    assert cheap is not None
    assert dear is not None
    assert dear < 0.8 * cheap


def test_a_pixel_outside_the_range_is_brought_back() -> None:
    """x̂ is cut off at 1: a loss of x̂ would have no gradient there."""
    model, variant = started(Sparse()), Sparse()
    model.last.bias.data.fill_(5.0)
    output = model.decode(torch.zeros(2, 36))
    assert torch.equal(output.x_hat, torch.ones(2, 1, 6, 6))
    loss = variant.reconstruction(output, torch.zeros(2, 1, 6, 6))
    assert torch.allclose(loss, torch.full((2,), 36 * 25.0))
    loss.sum().backward()
    assert (model.last.bias.grad == 2 * 2 * 5).all()


def test_under_tanh_the_error_is_that_of_the_pixels() -> None:
    model = started(Sparse(), "lecture")
    output, x = model.decode(torch.rand(3, 36)), torch.rand(3, 1, 6, 6)
    expected = (output.x_hat - x).square().sum(dim=(1, 2, 3))
    assert torch.equal(Sparse().reconstruction(output, x), expected)


def test_the_threshold_does_what_the_budget_did() -> None:
    stepper, metrics = trained(Sparse(charge="batchtopk", budget=4.0), steps=800, lr=1e-2)
    data, model = blobs(), stepper.model
    x = torch.from_numpy(data.test.images) / 255
    by_threshold = mse_on_test(model, data)
    model.train()
    assert mse_on_test(model, data) == by_threshold, "asked in training it answers as outside of it"
    assert model.training
    with torch.no_grad():
        by_budget = float((model.decode(model.encode(x)["latent"]).x_hat - x).square().mean())
    assert metrics["active_per_image"] == pytest.approx(4, rel=0.15)
    assert by_threshold == pytest.approx(by_budget, rel=0.1)


def test_an_activation_at_the_threshold_passes_the_parity_check() -> None:
    """onnxruntime and torch differ in last bits, which must not decide whether a unit is active."""
    model = started(Sparse(charge="batchtopk")).eval()
    images = blobs().train.pixels()
    layer = model.encoder[-1]["latent"][1]
    assert isinstance(layer, BatchTopK)
    with torch.no_grad():
        before = model.encode(torch.from_numpy(images))["latent"]
        layer.threshold.copy_(before[before > 0].median())
    files = lower_graphs(model.encoder, model.decoder, (1, 6, 6), 36).files
    assert check_parity(files, model.encoder, model.decoder, images)["max_difference"] < 1e-5
