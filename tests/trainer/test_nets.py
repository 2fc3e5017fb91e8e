from __future__ import annotations

import pytest
import torch
from torch import nn

from trainer.config import FitConfig, RunConfig
from trainer.nets import build, start_at_mean
from trainer.prepare import resolve
from trainer.variants import VARIANTS, Sparse, Undercomplete

from .small_runs import blobs


def network(variant: str, **fit: object):  # type: ignore[no-untyped-def]
    config = RunConfig(fit=FitConfig(device="cpu", **fit), variant=VARIANTS[variant]())  # type: ignore[arg-type]
    resolved = resolve(config, blobs())
    return build(resolved, config.variant, config.fit.arch, 0), resolved


def linear_widths(module: nn.Module) -> list[tuple[int, int]]:
    return [(layer.in_features, layer.out_features) for layer in module.modules() if isinstance(layer, nn.Linear)]


def test_the_lectures_network_is_the_lectures() -> None:
    model, _ = network("undercomplete", arch="lecture")
    assert linear_widths(model.encoder) == [(36, 128), (128, 64), (64, 12), (12, 3)]
    assert linear_widths(model.decoder) == [(3, 12), (12, 64), (64, 128), (128, 36)]
    kinds = [type(layer).__name__ for layer in model.decoder.get_submodule("output")]
    assert kinds == ["Tanh", "Affine", "Unflatten"]
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


@pytest.mark.parametrize("arch", ["mlp", "lecture"])
@pytest.mark.parametrize("variant", VARIANTS)
def test_reconstructions_are_images_and_logits_are_their_log_odds(variant: str, arch: str) -> None:
    model, resolved = network(variant, arch=arch)
    heads = model.encode(torch.rand(3, 1, 6, 6))
    assert {name: head.shape[1] for name, head in heads.items()} == resolved.heads
    output = model.decode(torch.randn(3, resolved.latent_dim) * 5)
    assert output.x_hat.shape == output.logits.shape == (3, 1, 6, 6)
    assert output.x_hat.min() >= 0
    assert output.x_hat.max() <= 1
    assert torch.allclose(torch.sigmoid(output.logits), output.x_hat, atol=1e-6)


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
        for parameter in model.decoder.get_submodule("body")[-1].parameters():
            parameter.zero_()
    mean = blobs().train.pixels().mean(0)
    start_at_mean(model, mean)
    answer = model.decode(torch.zeros(1, model.decoder.get_submodule("body")[0].in_features)).x_hat[0]
    assert torch.allclose(answer, torch.from_numpy(mean).clamp(0.01, 0.99), atol=1e-5)
