from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from export.graph import serialized
from export.layers import BatchTopK, Centre, Heads, LowerTriangular
from export.lower import lower_encoder
from export.runtime import open_session


def test_a_lower_triangular_layer_fills_the_triangle_row_by_row() -> None:
    factor = LowerTriangular(3)(torch.tensor([[0.0, 2.0, 1.0, 4.0, 5.0, -1.0]]))[0]
    e = float(np.e)
    expected = torch.tensor([[1.0, 0.0, 0.0], [2.0, e, 0.0], [4.0, 5.0, 1 / e]])
    assert torch.allclose(factor, expected)


def test_every_result_is_a_cholesky_factor() -> None:
    factor = LowerTriangular(4)(torch.randn(50, 10, generator=torch.Generator().manual_seed(1)))
    assert torch.equal(factor, factor.tril())
    assert (factor.diagonal(dim1=1, dim2=2) > 0).all()


def test_batchtopk_keeps_the_budget_over_the_batch() -> None:
    layer = BatchTopK(2.5)
    x = torch.randn(8, 20, generator=torch.Generator().manual_seed(2))
    kept = layer(x)
    assert int((kept > 0).sum()) == 20
    assert torch.equal(kept[kept > 0].sort().values, x.flatten().sort().values[-20:])
    assert layer.threshold == kept[kept > 0].min()  # the first batch sets it


def test_batchtopk_follows_the_smallest_that_stays() -> None:
    layer = BatchTopK(1)
    layer(torch.tensor([[1.0, 3.0], [5.0, 0.0]]))
    assert layer.threshold.item() == 3
    layer(torch.tensor([[7.0, 0.0], [9.0, 0.0]]))
    assert layer.threshold.item() == pytest.approx(3 + BatchTopK.momentum * 4)


def test_in_use_images_do_not_depend_on_each_other() -> None:
    layer = BatchTopK(3)
    x = torch.randn(16, 12, generator=torch.Generator().manual_seed(3))
    layer(x)
    layer.eval()
    before = layer.threshold.clone()
    assert torch.equal(layer(x)[:1], layer(x[:1]))
    assert torch.equal(layer.threshold, before)


def test_in_use_what_is_well_above_the_threshold_stays_and_what_is_well_below_goes() -> None:
    layer = BatchTopK(1).eval()
    layer.threshold.fill_(2.0)
    low, high = 2 * (1 - 0.5 / BatchTopK.slope), 2 * (1 + 0.5 / BatchTopK.slope)
    assert torch.equal(layer(torch.tensor([[-3.0, 0.0, low - 1e-5, high + 1e-5, 7.0]]))[0, :3], torch.zeros(3))
    assert torch.equal(layer(torch.tensor([[high + 1e-5, 7.0]])), torch.tensor([[high + 1e-5, 7.0]]))
    assert layer(torch.tensor([[2.0]])).item() == pytest.approx(1.0)  # half of it: the middle of the ramp


def test_in_use_a_last_bit_moves_a_result_by_bits_only() -> None:
    """A step at the threshold would make the result of an activation there 0 in one runtime and whole in another."""
    layer = BatchTopK(1).eval()
    layer.threshold.fill_(1.5)
    x = torch.linspace(1.3, 1.7, 100_001)[None]
    moved = (layer(torch.nextafter(x, torch.tensor(torch.inf))) - layer(x)).abs().max().item()
    assert moved < 4 * BatchTopK.slope * 1.2e-7 * 1.7


def test_without_a_threshold_batchtopk_is_a_relu() -> None:
    x = torch.randn(5, 9, generator=torch.Generator().manual_seed(5))
    assert torch.equal(BatchTopK(2).eval()(x), x.relu())


def test_a_batch_that_is_not_finite_leaves_the_threshold_alone() -> None:
    layer = BatchTopK(1)
    layer(torch.tensor([[1.0, 3.0]]))
    layer(torch.tensor([[torch.nan, 3.0]]))
    assert layer.threshold.item() == 3


def test_the_graph_takes_the_mean_off() -> None:
    centre = Centre((1, 2, 3))
    centre.mean.copy_(torch.rand(1, 2, 3))
    encoder = nn.Sequential(centre, nn.Flatten())
    images = torch.rand(4, 1, 2, 3)
    assert np.array_equal(graph_outputs(encoder, images.numpy())["latent"], encoder(images).numpy())


def graph_outputs(encoder: nn.Module, images: np.ndarray) -> dict[str, np.ndarray]:
    session = open_session(serialized(lower_encoder(encoder, (1, 2, 3))), ["CPUExecutionProvider"])
    names = [port.name for port in session.get_outputs()]
    return dict(zip(names, session.run(names, {"image": images}), strict=True))


@pytest.mark.parametrize("count", [0, 1, 7])
def test_their_graphs_compute_what_torch_computes(count: int) -> None:
    torch.manual_seed(4)
    factor = nn.Sequential(nn.Linear(6, 6), LowerTriangular(3))
    sparse = nn.Sequential(nn.Linear(6, 9), BatchTopK(2))
    encoder = nn.Sequential(nn.Flatten(), Heads({"mean": sparse, "scale_tril": factor}))
    encoder(torch.rand(32, 1, 2, 3))
    encoder.eval()
    images = torch.rand(count, 1, 2, 3)
    with torch.no_grad():
        wanted = encoder(images)
    found = graph_outputs(encoder, images.numpy())
    assert found["scale_tril"].shape == (count, 3, 3)
    for name, expected in wanted.items():
        np.testing.assert_allclose(found[name], expected.numpy(), atol=1e-6)


def test_the_graph_of_batchtopk_has_no_topk() -> None:
    encoder = nn.Sequential(nn.Flatten(), Heads({"latent": nn.Sequential(nn.Linear(6, 9), BatchTopK(2))}))
    operators = {node.op_type for node in lower_encoder(encoder, (1, 2, 3)).graph.node}
    assert operators == {"Flatten", "Gemm", "Relu", "Mul", "Add", "Clip"}
