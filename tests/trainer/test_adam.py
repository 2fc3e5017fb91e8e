from __future__ import annotations

import copy
import subprocess
import sys

import pytest
import torch
from torch import Tensor, nn

from trainer.adam import Adam

FINE, NOT_FINITE = torch.tensor(0.0), torch.tensor(1.0)


def network() -> nn.Sequential:
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(5, 7), nn.Tanh(), nn.Linear(7, 3))


def backward(model: nn.Module, step: int) -> None:
    x = torch.randn(11, 5, generator=torch.Generator().manual_seed(step))
    loss: Tensor = model(x).square().sum()
    loss.backward()


@pytest.mark.parametrize("decay", [None, 0.1])
def test_it_moves_weights_as_torchs_own(decay: float | None) -> None:
    """To the last bit or two: what does not fill a vector register is rounded in another way."""
    ours, theirs = network(), network()
    if decay is None:
        optimizer = Adam(ours)
        oracle: torch.optim.Optimizer = torch.optim.Adam(theirs.parameters(), fused=True)
    else:
        optimizer = Adam(ours, weight_decay=decay, decoupled=True)
        oracle = torch.optim.AdamW(theirs.parameters(), weight_decay=decay, fused=True)
    for step in range(20):
        rate = 0.01 / (step + 1)
        optimizer.expect_gradients()
        backward(ours, step)
        optimizer.step(rate, FINE)
        oracle.param_groups[0]["lr"] = rate
        oracle.zero_grad()
        backward(theirs, step)
        oracle.step()
    for mine, other in zip(ours.parameters(), theirs.parameters(), strict=True):
        assert torch.allclose(mine, other, rtol=1e-6, atol=1e-7)
    moment = optimizer.state()["exp_avg.0.weight"]
    assert torch.allclose(moment, oracle.state[theirs[0].weight]["exp_avg"], rtol=1e-6, atol=1e-7)


def test_where_something_is_not_finite_everything_stays() -> None:
    model = network()
    optimizer = Adam(model)
    optimizer.expect_gradients()
    backward(model, 0)
    optimizer.step(0.01, FINE)
    before = copy.deepcopy((model.state_dict(), optimizer.state()))
    optimizer.gradients[:35] = torch.nan
    optimizer.step(0.01, NOT_FINITE)
    for old, new in zip(before, (model.state_dict(), optimizer.state()), strict=True):
        assert all(torch.equal(old[name], new[name]) for name in old)


def test_a_restored_state_goes_on_to_the_same_bits() -> None:
    first = network()
    optimizer = Adam(first)
    optimizer.expect_gradients()
    backward(first, 0)
    optimizer.step(0.01, FINE)
    second = copy.deepcopy(first)
    restored = Adam(second)
    restored.restore({name: moment.clone() for name, moment in optimizer.state().items()})
    for model, one in ((first, optimizer), (second, restored)):
        one.expect_gradients()
        backward(model, 1)
        one.step(0.01, FINE)
    assert all(torch.equal(a, b) for a, b in zip(first.parameters(), second.parameters(), strict=True))


def test_a_gradient_is_divided_by_what_shrinks_it() -> None:
    """Clipping: what torch's own gets is the gradient scaled down beforehand."""
    ours, theirs = network(), network()
    optimizer, oracle = Adam(ours), torch.optim.Adam(theirs.parameters(), lr=0.01, fused=True)
    for step in range(5):
        optimizer.expect_gradients()
        backward(ours, step)
        norm = torch.linalg.vector_norm(optimizer.gradients)
        optimizer.step(0.01, FINE, (norm / 0.5).clamp(min=1.0))
        oracle.zero_grad()
        backward(theirs, step)
        torch.nn.utils.clip_grad_norm_(theirs.parameters(), 0.5)
        oracle.step()
    for mine, other in zip(ours.parameters(), theirs.parameters(), strict=True):
        assert torch.allclose(mine, other, atol=1e-6)


def test_gradients_that_autograd_finds_besides_are_added() -> None:
    model = network()
    optimizer = Adam(model)
    optimizer.gradients.fill_(1.0)
    model[0].bias.sum().backward()
    optimizer.add_stray_gradients()
    views = dict(optimizer.named(optimizer.gradients))
    assert torch.equal(views["0.bias"], torch.full((7,), 2.0))
    assert torch.equal(views["0.weight"], torch.ones(7, 5))


def test_every_weight_begins_where_its_arithmetic_likes_it_to() -> None:
    model = nn.Sequential(nn.Linear(5, 7), nn.Conv2d(3, 4, 3))
    before = copy.deepcopy(model.state_dict())
    optimizer = Adam(model)
    assert all(torch.equal(before[name], weight) for name, weight in model.state_dict().items())
    assert all((w.data_ptr() - optimizer.weights.data_ptr()) % 64 == 0 for w in model.parameters())


def test_training_does_not_import_dynamo() -> None:
    """Two seconds of every start, for nothing: ``torch.optim`` imports it when an optimiser is made."""
    code = (
        "import sys, tempfile; from pathlib import Path; from trainer.cli import run\n"
        "run(['fit', 'undercomplete', '--steps', '3', '--runs-dir', tempfile.mkdtemp()])\n"
        "sys.exit('torch._dynamo' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
