"""The whole step as one CUDA graph: captured once, replayed from then on, so that launching kernels costs nothing.

Nothing is taken on trust: a captured step is used only after it has reproduced an eager one at the start of the run.
Source: PyTorch's documentation, "CUDA graphs"; whatever changes from step to step lies in tensors on the device.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor

from export.errors import ExitCode, ToolError
from trainer.noise import STREAMS, Noise, key
from trainer.step import Stepper, Terms

Capture = Callable[[Callable[[], Tensor], Sequence[torch.Generator]], Callable[[], Tensor]]
"""(what to run, generators that it draws from) → what runs it again, on the same memory."""

Advance = Callable[[int], Terms]

AGREEMENT = 1e-4
"""How far a captured step may be from the eager one, relative to the largest weight and to each term."""
_WARM_UP = 3


def capture_on_cuda(run: Callable[[], Tensor], generators: Sequence[torch.Generator]) -> Callable[[], Tensor]:
    """``run`` as a CUDA graph. Raises RuntimeError where something in it cannot be captured."""
    stream = torch.cuda.Stream()
    stream.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(stream):  # libraries set themselves up in their first calls, which a graph may not contain
        for _ in range(_WARM_UP):
            run()
    torch.cuda.current_stream().wait_stream(stream)
    graph = torch.cuda.CUDAGraph()
    for source in generators:
        graph.register_generator_state(source)
    with torch.cuda.graph(graph):
        result = run()

    def replay() -> Tensor:
        graph.replay()
        return result

    return replay


@dataclass(frozen=True)
class _DeviceNoise(Noise):
    """The noise of whatever step its generators were set to; a stream is drawn once per step."""

    generators: dict[str, torch.Generator] = field(default_factory=dict)
    drawn: dict[tuple[str, str], Tensor] = field(default_factory=dict)

    def normal_like(self, x: Tensor, stream: str) -> Tensor:
        return self._once("normal", stream, x, torch.randn)

    def uniform_like(self, x: Tensor, stream: str) -> Tensor:
        return self._once("uniform", stream, x, torch.rand)

    def _once(self, kind: str, stream: str, x: Tensor, draw: Callable[..., Tensor]) -> Tensor:
        if (kind, stream) not in self.drawn:
            source = self.generators[stream]
            self.drawn[kind, stream] = draw(x.shape, generator=source, device=x.device, dtype=x.dtype)
        return self.drawn[kind, stream]


class CapturedStep:
    """``Stepper.advance`` as a replay.

    The first call does the eager step, captures, and replays the same step: where the two agree every later call is a
    replay. Raises RuntimeError from that first call where they do not, or where the step cannot be captured; the
    stepper then stands behind the eager step, as if there had been no capture.
    """

    def __init__(self, stepper: Stepper, capture: Capture = capture_on_cuda) -> None:
        self._stepper = stepper
        self._capture = capture
        self._replay: Callable[[], Tensor] | None = None
        device = stepper.device
        self._rows = torch.zeros(stepper.resolved.batch_size, dtype=torch.int64, device=device)
        self._rate = torch.zeros((), device=device)
        self._weights = {name: torch.zeros((), device=device) for name in stepper.weights(0)}
        self._generators = {name: torch.Generator(device) for name in STREAMS}
        self._names: tuple[str, ...] = ()
        self.first_terms: Terms | None = None
        """What the eager step gave, until a replay has been found to agree with it."""

    def advance(self, step: int) -> Terms:
        """Do step ``step``; returns its terms, detached, on the device."""
        if self._replay is not None:
            return self._replayed(step)
        before = self._state()
        terms = self._stepper.advance(step)
        after = self._state()
        self._names, self.first_terms = tuple(terms), terms
        try:
            self._restore(before)
            self._set(step)
            replay = self._capture(self._run, list(self._generators.values()))
            self._restore(before)
            self._replay = replay
            self._compare(self._replayed(step), terms, after)
        except Exception:
            self._replay = None
            self._restore(after)
            raise
        self.first_terms = None
        return terms

    def _run(self) -> Tensor:
        noise = _DeviceNoise(self._stepper.fit.seed, 0, self._generators)
        x, target = self._stepper.batches.gather(self._rows)
        terms = self._stepper.update(x, target, noise, self._rate, self._weights)
        return torch.stack([term.float() for term in terms.values()])

    def _set(self, step: int) -> None:
        """Write what this step has of its own to where the graph reads it."""
        stepper = self._stepper
        self._rows.copy_(stepper.batches.rows(step), non_blocking=True)
        self._rate.fill_(stepper.learning_rate(step))
        for name, weight in stepper.weights(step).items():
            self._weights[name].fill_(weight)
        for stream, source in self._generators.items():
            source.manual_seed(key(stepper.fit.seed, step, stream))

    def _replayed(self, step: int) -> Terms:
        assert self._replay is not None
        self._set(step)
        values = self._replay().clone()
        return dict(zip(self._names, values.unbind(), strict=True))

    def _state(self) -> list[Tensor]:
        return [tensor.clone() for tensor in self._stepper.memory()]

    def _restore(self, state: list[Tensor]) -> None:
        for tensor, saved in zip(self._stepper.memory(), state, strict=True):
            tensor.copy_(saved)

    def _compare(self, found: Terms, wanted: Terms, after: list[Tensor]) -> None:
        for name, term in wanted.items():
            if not torch.allclose(found[name], term.float(), rtol=AGREEMENT, atol=AGREEMENT):
                raise RuntimeError(f"its {name} is {float(found[name]):g}, an eager step's is {float(term):g}")
        for tensor, saved in zip(self._stepper.memory(), after, strict=True):
            scale = float(saved.abs().max()) if saved.numel() else 0.0
            if float((tensor - saved).abs().max()) > AGREEMENT * scale + 1e-12:
                raise RuntimeError("its weights are not those of an eager step")


def stepping(stepper: Stepper, say: Callable[[str], None], capture: Capture = capture_on_cuda) -> Advance:
    """What does the run's steps: replays of a captured one where ``--cuda-graph`` and the device allow it, else eager.

    say: takes the one line that tells why it is eager after all. With ``--cuda-graph on`` that is an error instead:
    the returned function raises ToolError (exit 1) at its first step.
    """
    wanted = stepper.fit.cuda_graph
    on_cuda = stepper.device.type == "cuda" or capture is not capture_on_cuda
    if wanted == "off" or not on_cuda or stepper.resolved.compiled or not stepper.batches.resident:
        return stepper.advance
    return _Fallback(stepper, CapturedStep(stepper, capture), say)


class _Fallback:
    """A captured step until something goes wrong with it, then the eager one."""

    def __init__(self, stepper: Stepper, captured: CapturedStep, say: Callable[[str], None]) -> None:
        self._stepper = stepper
        self._advance: Advance = captured.advance
        self._captured = captured
        self._say = say

    def __call__(self, step: int) -> Terms:
        try:
            return self._advance(step)
        except RuntimeError as error:
            if self._captured.first_terms is None or isinstance(error, torch.OutOfMemoryError):
                raise
            reason = str(error).splitlines()[0]
            if self._stepper.fit.cuda_graph == "on":
                raise ToolError(
                    "the step cannot be replayed as a CUDA graph",
                    why=reason,
                    do="--cuda-graph auto   trains without it",
                    exit_code=ExitCode.FAILED,
                ) from error
            self._say(f"training without a CUDA graph: {reason}")
            self._advance = self._stepper.advance
            return self._captured.first_terms
