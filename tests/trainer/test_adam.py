from __future__ import annotations

import copy
import subprocess
import sys

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


def test_it_moves_weights_to_the_same_bits_as_torchs_own() -> None:
    ours, theirs = network(), network()
    optimizer, oracle = Adam(ours.named_parameters()), torch.optim.Adam(theirs.parameters(), fused=True)
    for step in range(20):
        rate = 0.01 / (step + 1)
        optimizer.forget_gradients()
        backward(ours, step)
        optimizer.step(rate, FINE)
        oracle.param_groups[0]["lr"] = rate
        oracle.zero_grad()
        backward(theirs, step)
        oracle.step()
    for mine, other in zip(ours.parameters(), theirs.parameters(), strict=True):
        assert torch.equal(mine, other)
        assert torch.equal(optimizer.state()["exp_avg.0.weight"], oracle.state[theirs[0].weight]["exp_avg"])


def test_where_something_is_not_finite_everything_stays() -> None:
    model = network()
    optimizer = Adam(model.named_parameters())
    backward(model, 0)
    optimizer.step(0.01, FINE)
    before = copy.deepcopy((model.state_dict(), optimizer.state()))
    model[0].weight.grad = torch.full((7, 5), torch.nan)
    optimizer.step(0.01, NOT_FINITE)
    for old, new in zip(before, (model.state_dict(), optimizer.state()), strict=True):
        assert all(torch.equal(old[name], new[name]) for name in old)


def test_a_restored_state_goes_on_to_the_same_bits() -> None:
    first = network()
    optimizer = Adam(first.named_parameters())
    backward(first, 0)
    optimizer.step(0.01, FINE)
    second = copy.deepcopy(first)
    restored = Adam(second.named_parameters())
    restored.restore({name: moment.clone() for name, moment in optimizer.state().items()})
    for model, one in ((first, optimizer), (second, restored)):
        one.forget_gradients()
        backward(model, 1)
        one.step(0.01, FINE)
    assert all(torch.equal(a, b) for a, b in zip(first.parameters(), second.parameters(), strict=True))


def test_training_does_not_import_dynamo() -> None:
    """Two seconds of every start, for nothing: ``torch.optim`` imports it when an optimiser is made."""
    code = (
        "import sys, tempfile; from pathlib import Path; from trainer.cli import run\n"
        "run(['fit', 'undercomplete', '--steps', '3', '--runs-dir', tempfile.mkdtemp()])\n"
        "sys.exit('torch._dynamo' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
