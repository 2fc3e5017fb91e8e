"""torchvision, which the usual loops take their transforms from."""

from __future__ import annotations

import importlib.util
import sys
from typing import Any

_declared: list[Any] = []


def load() -> None:
    """Import torchvision if it is installed, also where its compiled part was built for another torch.

    Transforms need none of that part, only its operators' names; without them the import fails, and Lightning's too.
    """
    if importlib.util.find_spec("torchvision") is None:
        return
    import torch

    try:
        import torchvision
    except RuntimeError:
        for name in [name for name in sys.modules if name.partition(".")[0] == "torchvision"]:
            del sys.modules[name]
        library = torch.library.Library("torchvision", "DEF")
        for operator in ("nms", "qnms"):
            library.define(f"{operator}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
        _declared.append(library)  # an operator lives as long as its library
        import torchvision  # noqa: F401
