"""A page, looked at and operated as its user does, and the same computed in Python."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from onnx import numpy_helper

INSET = 10
"""Pixels between the border of a pad and its range, as in pointing.js."""


@dataclass(frozen=True)
class Site:
    """A bundle with its page, where it is served, and what Python computes with it."""

    folder: Path
    url: str

    def run(self, part: str, values: np.ndarray) -> dict[str, np.ndarray]:
        session = onnxruntime.InferenceSession(self.folder / f"{part}.onnx", providers=["CPUExecutionProvider"])
        names = [output.name for output in session.get_outputs()]
        given = {session.get_inputs()[0].name: np.asarray(values, np.float32)}
        return dict(zip(names, session.run(names, given), strict=True))

    def decode(self, code: list[float]) -> np.ndarray:
        return self.run("decoder", np.asarray([code]))["reconstruction"][0]

    def code(self, image: np.ndarray) -> np.ndarray:
        return next(iter(self.run("encoder", image[None]).values()))[0]

    def images(self) -> np.ndarray:
        return read_tensor(self.folder / "test_data_set_0/encoder/input_0.pb")


def drop_image(page, path: Path) -> None:
    transfer = page.evaluate_handle(
        """([bytes, name]) => {
            const transfer = new DataTransfer();
            transfer.items.add(new File([new Uint8Array(bytes)], name, { type: "image/png" }));
            return transfer;
        }""",
        [list(path.read_bytes()), path.name],
    )
    for event in ("dragover", "drop"):
        page.dispatch_event("#drop", event, {"dataTransfer": transfer})


def until_scored(page, before: str) -> None:
    """Wait until another image is scored than that of error ``before``; the page's policy forbids wait_for_function."""
    deadline = time.monotonic() + 20
    while page.get_attribute("#mse", "value") == before:
        assert time.monotonic() < deadline, "nothing new was scored"
        page.wait_for_timeout(10)


def click_at(page, selector: str, x: float, y: float) -> None:
    page.locator(selector).scroll_into_view_if_needed()
    box = page.locator(selector).bounding_box()
    inner = {side: box[side] - 2 * INSET for side in ("width", "height")}
    page.mouse.click(box["x"] + INSET + x * inner["width"], box["y"] + INSET + (1 - y) * inner["height"])


def slider_values(page) -> list[float]:
    return page.eval_on_selector_all("#sliders input", "inputs => inputs.map((input) => input.valueAsNumber)")


def pad_values(page) -> list[float]:
    said = page.get_attribute("#pad", "aria-valuetext")
    return [float(part.split(" ")[1].replace("−", "-")) for part in said.split(", ")]


def canvas_of(page, name: str) -> np.ndarray:
    """uint8 [height, width, 4]: what a canvas holds."""
    width, height, data = page.evaluate(
        """(id) => {
            const canvas = document.getElementById(id);
            const { width, height } = canvas;
            return [width, height, [...canvas.getContext("2d").getImageData(0, 0, width, height).data]];
        }""",
        name,
    )
    return np.array(data, np.uint8).reshape(height, width, 4)


def assert_shows(page, name: str, values: np.ndarray) -> None:
    """The canvas shows ``values`` ([1, H, W] in [0, 1]); one level is rounding."""
    picture = canvas_of(page, name)
    assert picture[..., 3].min() == 255
    assert np.abs(picture[..., 0] - 255 * values[0].astype(np.float64)).max() <= 1


def read_tensor(path: Path) -> np.ndarray:
    return numpy_helper.to_array(onnx.TensorProto.FromString(path.read_bytes()))
