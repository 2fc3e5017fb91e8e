"""The best weights so far by validation loss, and when to stop waiting for better ones."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor

from trainer.checkpoint import Checkpoint


class Best:
    """Keeps a copy of the best state on the device; the loop writes it when it writes a checkpoint anyway.

    loss: lowest validation loss, infinite before the first; step: where it was; epochs_waited: since then, without a
    lower one. unwritten: True where no checkpoint holds that state yet.
    state: of the checkpoint that training goes on from: a resumed run decides as the other would have. checkpoint: the
    best one, which ``state`` speaks of; without it the search begins again.
    """

    def __init__(self, state: Mapping[str, Any], checkpoint: Checkpoint | None = None) -> None:
        state = state if checkpoint else {}
        self.loss = float(state.get("best_loss", math.inf))
        self.step: int | None = state.get("best_step")
        self.epochs_waited = int(state.get("epochs_waited", 0))
        self.unwritten = False
        self.checkpoint = checkpoint
        self._weights: dict[str, float] | None = state.get("best_weights")

    def see(
        self,
        step: int,
        loss: float,
        weights: Mapping[str, float],
        checkpoint: Callable[[], Checkpoint],
        *,
        epoch: bool,
    ) -> None:
        """Take note of a validation loss; where it is the best, keep what ``checkpoint()`` gives.

        weights: those of the loss's terms. Where they have changed (a warm-up) it is another loss, which is compared
        with no earlier one. epoch: the step ends one. A loss that is not finite is never the best.
        """
        if dict(weights) != self._weights and self._weights is not None:
            self.loss = math.inf
        if not loss < self.loss:
            self.epochs_waited += epoch
            return
        self.loss, self.step, self.epochs_waited, self._weights = loss, step, 0, dict(weights)
        self.checkpoint = _copied(checkpoint(), self.checkpoint)
        self.unwritten = True

    def state(self) -> dict[str, Any]:
        """For a checkpoint's ``state.json``: which step is the best, and what the next one is held against."""
        if self.step is None:
            return {}
        return {
            "best_step": self.step,
            "best_loss": self.loss,
            "best_weights": self._weights,
            "epochs_waited": self.epochs_waited,
        }


def ended_early(state: Mapping[str, Any], patience: int | None) -> str | None:
    """Why a run is over before its last step, given what ``Best.state`` gave; None: it is not."""
    waited = int(state.get("epochs_waited", 0))
    if patience is None or waited < patience:
        return None
    epochs = "epoch" if waited == 1 else f"{waited} epochs"
    return f"stopped early: no better validation loss in the last {epochs}; the best was at step {state['best_step']}"


def _copied(checkpoint: Checkpoint, into: Checkpoint | None) -> Checkpoint:
    """``checkpoint`` with tensors of its own, in the memory of ``into`` where that suits."""
    model = _copies(checkpoint.model, into.model if into else {})
    return replace(checkpoint, model=model, optimizer=_copies(checkpoint.optimizer, into.optimizer if into else {}))


@torch.no_grad()
def _copies(tensors: Mapping[str, Tensor], into: Mapping[str, Tensor]) -> dict[str, Tensor]:
    if not tensors or tensors.keys() != into.keys():
        return {name: tensor.detach().clone() for name, tensor in tensors.items()}
    torch._foreach_copy_([into[name] for name in tensors], list(tensors.values()))
    return dict(into)
