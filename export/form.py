"""How a bundle is written: the choices that ``aetrain export`` offers, and which of them there are."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from export.errors import ToolError, unknown
from export.graph import OPSET, OPSETS
from export.precision.quality import Precision

Exporter = Literal["native", "torch"]
Layout = Literal["plain", "triton", "web"]
PixelLayout = Literal["NCHW", "NHWC"]


@dataclass(frozen=True, kw_only=True)
class Form:
    """How a bundle is written.

    uint8: how the graphs of bytes that are added want pixels; None: there are none. onnxruntime_web: the npm package
    that the page of layout web is to bring; None: it loads it.
    """

    exporter: Exporter = "native"
    precision: Precision = "fp32"
    opset: int = OPSET
    layout: Layout = "plain"
    uint8: PixelLayout | None = None
    onnxruntime_web: Path | None = None

    def name(self) -> str:
        """What a bundle is called below ``export/``: its precision, and what else it is beyond the plain one."""
        beyond = [self.layout] if self.layout != "plain" else []
        return "-".join([self.precision, *(["uint8"] if self.uint8 else []), *beyond])

    def check(self) -> None:
        """Raises ToolError (exit 2) for a choice that does not exist."""
        for kind, value, choices in (
            ("exporter", self.exporter, get_args(Exporter)),
            ("precision", self.precision, get_args(Precision)),
            ("layout", self.layout, get_args(Layout)),
        ):
            if value not in choices:
                raise unknown(kind, str(value), choices)
        least = OPSET if self.exporter == "torch" else OPSETS.start
        if not least <= self.opset < OPSETS.stop:
            raise ToolError(
                f"--opset {self.opset} is out of range",
                why=f"from {least} to {OPSETS.stop - 1} are known to be written and run"
                + (", with torch's exporter" if least == OPSET else ""),
                do="leave it out for opset 18, which the most runtimes know",
            )
