"""What lies beside the graphs: the README, the example, and the vectors with which a bundle tests itself."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
from onnx import numpy_helper

from export.errors import visible
from export.evenly import evenly
from export.graph import OPSET
from export.manifest import Manifest
from export.pixels import as_bytes
from export.runtime import open_session

VECTORS = 8
"""How many images the self-test takes."""

EXAMPLES = ("infer.py", "infer.mjs", "infer.cpp")

_EXAMPLES = Path(__file__).parent / "examples"


def card_files(manifest: Manifest, graphs: dict[str, bytes], images: npt.NDArray[np.float32]) -> dict[str, bytes]:
    """Path → content of README.md, examples/ and test_data_set_0/. The same arguments give the same bytes."""
    return {
        "README.md": readme(manifest).encode(),
        **{f"examples/{name}": (_EXAMPLES / name).read_bytes() for name in EXAMPLES},
        **self_test_vectors(graphs, images[evenly(len(images), VECTORS)], manifest.uint8),
    }


def checksums(table: dict[str, dict[str, Any]]) -> str:
    """``SHA256SUMS`` for a file table, as ``sha256sum --check`` reads it."""
    return "".join(f"{entry['sha256']}  {name}\n" for name, entry in sorted(table.items()))


def self_test_vectors(
    graphs: dict[str, bytes], images: npt.NDArray[np.float32], pixel_layout: str | None = None
) -> dict[str, bytes]:
    """Inputs and the outputs that onnxruntime gave for them, in the layout of ONNX's own model tests.

    pixel_layout: of the graphs of bytes, where there are any.
    """
    files: dict[str, bytes] = {}
    code = _vectors(files, "encoder", graphs, {"image": images})[0]
    _vectors(files, "decoder", graphs, {"latent": code})
    if pixel_layout:
        _vectors(files, "encoder_u8", graphs, {"image": as_bytes(images, pixel_layout)})
        _vectors(files, "decoder_u8", graphs, {"latent": code})
    return files


def readme(manifest: Manifest) -> str:
    """The README of a bundle, Markdown, for somebody who has never heard of us."""
    rows = [
        ("variant", f"{_code(manifest.variant)}, architecture {_code(manifest.arch)}"),
        ("data set", _code(manifest.data)),
        ("run", f"{_code(manifest.name)}, {manifest.step} optimiser steps"),
        (
            "weights",
            f"{manifest.precision}, {_graph_bytes(manifest) / 1e6:.2f} MB in two files",
        ),
        *(() if manifest.test_mse is None else [("test MSE", f"{manifest.test_mse:.6g} per pixel, pixels in [0, 1]")]),
    ]
    parts = [
        f"# {_code(manifest.name)}: a trained autoencoder as ONNX",
        f"Two graphs that run in any ONNX runtime (opset {manifest.versions.get('opset', OPSET)}, standard operators "
        "only, one file each). "
        "Normalisation is inside them; sampling is not: no graph contains a random operator.",
        _table(("", ""), rows),
        "## Inputs and outputs\n\n" + _table(("file", "input", "outputs"), _port_rows(manifest)),
        "All tensors are float32. The batch is dynamic: 0, 1 or any number of images. " + _reading_heads(manifest),
        "## Use\n\n```python\n" + _usage(manifest) + "```\n\n"
        "`python examples/infer.py` runs as it is, with numpy and onnxruntime alone; so does `node examples/infer.mjs` "
        "with onnxruntime-node; `examples/infer.cpp` says how it is compiled.",
        *_forms(manifest),
        *_metrics_section(manifest),
        "## Verified\n\n" + _verified(manifest),
    ]
    return "\n\n".join(parts) + "\n"


def _vectors(
    files: dict[str, bytes], part: str, graphs: dict[str, bytes], inputs: dict[str, npt.NDArray[Any]]
) -> list[npt.NDArray[np.float32]]:
    session = open_session(graphs[f"{part}.onnx"], ["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]
    outputs: list[npt.NDArray[np.float32]] = session.run(names, inputs)
    for kind, tensors in (("input", inputs), ("output", dict(zip(names, outputs, strict=True)))):
        for i, (name, array) in enumerate(tensors.items()):
            tensor: onnx.TensorProto = numpy_helper.from_array(array, name)
            files[f"test_data_set_0/{part}/{kind}_{i}.pb"] = tensor.SerializeToString(deterministic=True)
    return outputs


def _port_rows(manifest: Manifest) -> list[tuple[str, ...]]:
    image = f"[batch, {', '.join(map(str, manifest.image_shape))}]"
    low, high = manifest.input_range
    heads = ", ".join(f"`{name}` [batch, {', '.join(map(str, shape))}]" for name, shape in manifest.heads.items())
    return [
        ("`encoder.onnx`", f"`image` {image} in [{low:g}, {high:g}]", heads),
        ("`decoder.onnx`", f"`latent` [batch, {manifest.latent_dim}]", f"`reconstruction` {image}"),
    ]


def _reading_heads(manifest: Manifest) -> str:
    first = next(iter(manifest.heads))
    if len(manifest.heads) == 1:
        return f"`{first}` is the code: give it to the decoder."
    draw = {"log_variance": "exp(log_variance / 2) * noise", "scale_tril": "scale_tril @ noise"}
    how = next((f" (`{first} + {draw[name]}`)" for name in manifest.heads if name in draw), "")
    return (
        f"`{first}` is the code of an image: give it to the decoder. With the other outputs it describes a "
        f"distribution over codes; draw from that yourself where you want variety{how}."
    )


def _usage(manifest: Manifest) -> str:
    shape = ", ".join(map(str, manifest.image_shape))
    first = next(iter(manifest.heads))
    return (
        "import numpy as np, onnxruntime\n\n"
        'encoder = onnxruntime.InferenceSession("encoder.onnx", providers=["CPUExecutionProvider"])\n'
        'decoder = onnxruntime.InferenceSession("decoder.onnx", providers=["CPUExecutionProvider"])\n'
        f"images = np.zeros((1, {shape}), np.float32)  # yours, in [0, 1]\n"
        f'(code,) = encoder.run(["{first}"], {{"image": images}})\n'
        '(x_hat,) = decoder.run(["reconstruction"], {"latent": code})\n'
    )


def _graph_bytes(manifest: Manifest) -> int:
    return sum(int(manifest.files[f"{part}.onnx"]["bytes"]) for part in ("encoder", "decoder"))


def _forms(manifest: Manifest) -> list[str]:
    """What this bundle has beyond two float graphs."""
    parts = []
    if manifest.uint8:
        axes = "height, width, channels" if manifest.uint8 == "NHWC" else "channels, height, width"
        parts.append(
            f"`encoder_u8.onnx` takes `image`, and `decoder_u8.onnx` gives `reconstruction`, as uint8 [batch, {axes}] "
            "with 0 for black and 255 for white."
        )
    if manifest.layout == "triton":
        parts.append(
            "`tritonserver --model-repository=model_repository` serves the graphs; its folders may be renamed."
        )
    if manifest.layout == "web":
        parts.append(
            "`python -m http.server`, or any static server, in this folder serves a page that runs the graphs."
        )
    return parts


def _metrics_section(manifest: Manifest) -> list[str]:
    numbers = [(_code(name), f"{value:.6g}") for name, value in (manifest.metrics or {}).items() if _is_number(value)]
    parts = ["## Metrics on the test split\n\n" + _table(("", ""), numbers)] if numbers else []
    return parts + _noise_section(manifest.metrics or {})


def _noise_section(metrics: dict[str, Any]) -> list[str]:
    """Errors at levels of noise, as a table of their own: they are the one list among the metrics."""
    names = ("level", "corrupted_mse", "denoised_mse", "ridge_mse")
    sweep = [row for row in metrics.get("noise_sweep") or () if isinstance(row, dict)]
    rows = [tuple(f"{row[name]:.4g}" if _is_number(row.get(name)) else "" for name in names) for row in sweep]
    head = ("level", "of the corrupted image", "of its reconstruction", "of a linear denoiser")
    kind = _code(str(metrics.get("noise_kind", "")))
    said = f"Mean squared error per pixel under {kind} noise, against the clean image:"
    return [said + "\n\n" + _table(head, rows)] if rows else []


def _verified(manifest: Manifest) -> str:
    parity = manifest.parity or {}
    counts = " and ".join(f"{count} {split}" for split, count in (manifest.images or {}).items() if count)
    quality = manifest.quality
    cost = (
        f"In {manifest.precision} the mean squared error on {quality['images']} images is {quality['mse']:.6g}, "
        f"and {quality['fp32_mse']:.6g} in float32. The float32 graphs: "
        if quality
        else ""
    )
    outputs = [*parity.get("encoder", {}).items(), *parity.get("decoder", {}).items()]
    differences = ", ".join(f"`{name}` {value:.2g}" for name, value in outputs)
    sizes = json.dumps(parity.get("batch_sizes", []))[1:-1]
    return (
        f"{cost}onnxruntime against torch (float32, CPU) on {counts} images at batch {sizes}: "
        f"largest difference {differences}. `sha256sum --check SHA256SUMS` checks the files; "
        "`test_data_set_0/` holds inputs and expected outputs in the layout of ONNX's model tests."
    )


def _table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _code(text: str) -> str:
    """Text from outside as a Markdown code span, in which nothing is markup."""
    return "`" + visible(text).replace("`", "'").replace("|", "¦") + "`"


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
