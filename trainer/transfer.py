"""Numbers on their way from the device to the host, for which nobody has to wait."""

from __future__ import annotations

import torch
from torch import Tensor


class Transfer:
    """A copy of ``values``, float [n], that the host can read later; from a CPU it is there at once.

    On CUDA the copy goes to page-locked memory behind all that the device has been given so far, and the host goes on.
    """

    def __init__(self, values: Tensor) -> None:
        self._event: torch.cuda.Event | None = None
        if values.is_cuda:
            self._host = torch.empty(values.shape, dtype=values.dtype, pin_memory=True)
            self._host.copy_(values, non_blocking=True)
            self._event = torch.cuda.Event()
            self._event.record(torch.cuda.current_stream(values.device))
        else:
            self._host = values

    def arrived(self) -> bool:
        """Whether ``numbers`` would answer without waiting for the device."""
        return self._event is None or self._event.query()

    def numbers(self) -> list[float]:
        """The values, as soon as they are there."""
        if self._event is not None:
            self._event.synchronize()
        numbers: list[float] = self._host.tolist()
        return numbers
