"""An autoencoder of known layers with its halves as chains; anything else stays plain autograd."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor, nn

from export.layers import Affine, Centre, Heads
from trainer.adam import Adam
from trainer.chain import ACTIVATIONS, Chain, Dense, Inward, Layer, Pass, as_it_is
from trainer.convolution import Convolution, Reshape
from trainer.nets import Autoencoder
from trainer.scored import SCORES, Scored
from trainer.variants import Output

Root = tuple[Tensor, Tensor | None]
"""Where autograd begins, and the gradient there; None: of a scalar, 1."""


@dataclass
class _Seam:
    """Where a pass through a chain meets plain autograd.

    taken: what went in. leaves: what came out, as autograd sees it. scored: the loss that is the only leaf, if it is.
    """

    passing: Pass
    taken: Tensor
    leaves: list[Tensor]
    scored: Scored | None = None

    def reached(self) -> bool:
        """Whether autograd has found a gradient for what came out."""
        return any(leaf.grad is not None for leaf in self.leaves)

    def fill(self) -> None:
        """Make the pass's gradients of those that autograd has found."""
        if self.scored is not None:
            (leaf,) = self.leaves
            assert leaf.grad is not None
            self.scored.fill(leaf.grad)
            return
        for leaf, into in zip(self.leaves, self.passing.gradients, strict=True):
            into.zero_() if leaf.grad is None else into.copy_(leaf.grad)

    def go_back(self) -> list[Root]:
        """Note the gradients of the pass, whose own are filled; returns where autograd has to go on from there."""
        wanted = self.passing.backward(to_input=self.taken.requires_grad)
        if self.taken.requires_grad and not self.taken.is_leaf:
            return [(self.taken, wanted)]
        if self.taken.requires_grad:
            self.taken.grad = wanted if self.taken.grad is None else self.taken.grad.add_(wanted)
        return []


class Chained:
    """An autoencoder whose two halves are chains; computes what the model computes.

    flat: whether the encoder's chain takes images as rows. tails: what follows a head in plain autograd, by the head's
    name. scores: whether the decoder's pixels are sigmoids of its last layer, so that a loss of them can be had with
    them.
    """

    def __init__(
        self,
        model: Autoencoder,
        encoder: Chain,
        tails: Mapping[str, nn.Module | None],
        body: Chain,
        image_shape: tuple[int, ...],
        *,
        flat: bool,
        scores: bool,
    ) -> None:
        self.model = model
        self._flat = flat
        self.encoder, self.body = encoder, body
        self._tails = tails
        self._image_shape = image_shape
        self._scale = model.logit_scale
        self._score = self._scored if scores else None
        self._seams: list[_Seam] = []

    def forget_passes(self) -> None:
        """Let go of the memory of a step, whether or not anybody went back through it."""
        for seam in self._seams:
            seam.passing.release()
        self._seams = []

    def encode(self, x: Tensor) -> dict[str, Tensor]:
        """The heads, each cut off from x: a gradient ends in them. x: (batch, C, H, W)."""
        x = x.detach().flatten(1) if self._flat else x.detach()
        outputs = zip(self._tails.items(), self._through(self.encoder, x), strict=True)
        return {name: y if tail is None else tail(y) for (name, tail), y in outputs}

    def decode(self, z: Tensor) -> Output:
        def pixels() -> Tensor:
            return self._through(self.body, z)[0].view(-1, *self._image_shape)

        score = self._score
        return self.model.output(pixels, None if score is None else partial(score, z))

    def _through(self, chain: Chain, x: Tensor) -> list[Tensor]:
        passing = chain.forward(x.detach())
        leaves = [y.detach().requires_grad_() for y in passing.heads]
        self._seams.append(_Seam(passing, x, leaves))
        return leaves

    def _scored(self, z: Tensor, name: str, x: Tensor) -> Tensor:
        """The loss ``name`` of decoding z, held against x, (batch, …): (batch,)."""
        passing = self.body.forward(z.detach(), self._scale)
        scored = Scored(passing, SCORES[name], x.flatten(1))
        leaf = scored.value.requires_grad_()
        self._seams.append(_Seam(passing, z, [leaf], scored))
        return leaf

    def backward(self, loss: Tensor, per_image: Tensor | None = None, rest: Tensor | None = None) -> bool:
        """Note the gradients of ``loss``, and end the step; returns whether autograd was needed.

        per_image, rest: where they are given, the loss is the mean of the one plus the other (None: 0), and what the
        decoder gives has no part in the rest. Most steps then need autograd for little or nothing.
        """
        roots: list[Root] = [(loss, None)]
        ahead = list(self._seams)
        ran = False
        if ahead and (last := ahead[-1]).scored is not None and last.leaves[0] is per_image:
            ahead.pop()
            last.scored.fill(1 / len(per_image))
            roots = [*([] if rest is None else [(rest, None)]), *last.go_back()]
        for seam in reversed(ahead):
            if roots:
                _differentiate(roots)
                roots, ran = [], True
            if seam.reached():
                seam.fill()
                roots = seam.go_back()
        if roots:
            _differentiate(roots)
        self.encoder.end_step()
        self.body.end_step()
        self.forget_passes()
        return ran or bool(roots)


def _differentiate(roots: list[Root]) -> None:
    """Add to the gradients of all leaves behind the roots, given the gradient by each root."""
    tensors, gradients = zip(*roots, strict=True)
    torch.autograd.backward(tensors, gradients, retain_graph=True)


def chained(model: Autoencoder, optimizer: Adam, image_shape: tuple[int, ...]) -> Chained | None:
    """``model`` with its halves as chains that note its gradients in ``optimizer``; None where it has other layers."""
    *layers, heads = model.encoder
    if not isinstance(heads, Heads):
        return None
    parameters = dict(model.named_parameters())
    gradients: Gradients = {parameters[name]: view for name, view in optimizer.named(optimizer.gradients)}
    inward: list[Affine | Centre] = []
    for layer in layers:
        if not isinstance(layer, Affine | Centre):
            break
        inward.append(layer)
    behind = layers[len(inward) :]
    flat = not behind or isinstance(behind[0], nn.Flatten)
    trunk, body = _layers(behind[flat:], gradients), _layers(list(model.body), gradients)
    if trunk is None or body is None:
        return None
    if isinstance(model.body[-1], nn.Unflatten):  # losses are taken of rows
        body.pop()
    *before, last = body
    decoder = Chain(before, [last]) if isinstance(last, Dense) and last.activation is None else Chain(body, [Reshape()])
    ends = {name: _head(head, gradients) for name, head in heads.items()}
    encoder = Chain(trunk, [dense for dense, _ in ends.values()], _inward(inward))
    tails = {name: tail for name, (_, tail) in ends.items()}
    return Chained(model, encoder, tails, decoder, image_shape, flat=flat, scores=model.is_sigmoid)


def _inward(layers: list[Affine | Centre]) -> Inward:
    """Normalisation before the first layer, into a buffer."""
    steps = [_affine(layer) if isinstance(layer, Affine) else partial(_less, layer.mean) for layer in layers]

    def inward(x: Tensor, into: Tensor) -> None:
        for step in steps:
            step(x, into)
            x = into

    return inward if steps else as_it_is


def _affine(layer: Affine) -> Inward:
    scale, shift = torch.as_tensor(layer.scale), torch.as_tensor(layer.shift)
    if scale.dim() == 0 and shift.dim() == 0:
        factor = float(scale)
        return lambda x, into: torch.add(shift, x, alpha=factor, out=into)
    return lambda x, into: torch.mul(x, scale, out=into).add_(shift)


def _less(mean: Tensor, x: Tensor, into: Tensor) -> None:
    torch.sub(x, mean.view(x.shape[1:]), out=into)


Gradients = Mapping[Tensor, Tensor]


def _layers(modules: list[nn.Module], gradients: Gradients) -> list[Layer] | None:
    """What chains know of modules, each with the activation behind it; None where there is anything else."""
    found: list[Layer] = []
    activated = True
    for place, module in enumerate(modules):
        behind = modules[place + 1] if place + 1 < len(modules) else None
        activation = ACTIVATIONS.get(type(behind)) if behind else None
        if isinstance(module, nn.Linear):
            found.append(Dense(module, activation, gradients))
        elif isinstance(module, nn.Conv2d | nn.ConvTranspose2d) and module.padding_mode == "zeros":
            found.append(Convolution(module, activation, gradients))
        elif isinstance(module, nn.Flatten):
            found.append(Reshape())
        elif isinstance(module, nn.Unflatten):
            found.append(Reshape(tuple(int(size) for size in module.unflattened_size)))
        elif type(module) not in ACTIVATIONS or activated:
            return None
        activated = not isinstance(module, nn.Linear | nn.Conv2d | nn.ConvTranspose2d)
    return found


def _head(head: nn.Module, gradients: Gradients) -> tuple[Dense, nn.Module | None]:
    """A head's linear layer with its activation, and what else follows it."""
    if isinstance(head, nn.Linear):
        return Dense(head, None, gradients), None
    assert isinstance(head, nn.Sequential)
    linear, after = head
    assert isinstance(linear, nn.Linear)
    known = ACTIVATIONS.get(type(after))
    return Dense(linear, known, gradients), None if known else after
