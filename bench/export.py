"""``python -m bench.export --json``: how fast graphs are written, checked, opened and run, beside limits and peers.

On the CPU, one thread per session, weights at random: what is timed does not depend on what they are.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import torch
from torch import nn

from export.bundle import read_bundle
from export.graph import serialized
from export.layers import Heads
from export.lower import lower_decoder, lower_encoder
from export.runtime import open_model, open_session
from export.write import Form, Subject, export_bundle

SHAPE = (1, 28, 28)
VARIANTS = ("undercomplete", "sparse", "denoising", "variational")


def networks(heads: tuple[str, ...] = ("mean", "log_variance")) -> tuple[nn.Module, nn.Module]:
    """784-512-256-32 and its mirror, untrained."""
    torch.manual_seed(0)
    front = [nn.Flatten(), nn.Linear(784, 512), nn.ReLU(), nn.Linear(512, 256), nn.ReLU()]
    encoder = nn.Sequential(*front, Heads({name: nn.Linear(256, 32) for name in heads}))
    back = [nn.Linear(32, 256), nn.ReLU(), nn.Linear(256, 512), nn.ReLU(), nn.Linear(512, 784), nn.Sigmoid()]
    return encoder, nn.Sequential(*back, nn.Unflatten(1, SHAPE))


def subject(variant: str, folder: Path) -> Subject:
    """What is exported: 4,096 images for the scores, as a run has them."""
    images = np.random.default_rng(0).random((4096, *SHAPE), dtype=np.float32)
    probe = folder / "probe.npz"
    np.savez(probe, images=(images[:64] * 255).astype(np.uint8), labels=np.full(64, -1), index=np.arange(64))
    encoder, decoder = networks(("mean", "log_variance") if variant == "variational" else ("latent",))
    return Subject(
        name=variant,
        variant=variant,
        arch="mlp",
        data="random",
        step=0,
        encoder=encoder,
        decoder=decoder,
        image_shape=SHAPE,
        latent_dim=32,
        images=images[:256],
        image_sources={"test": 256},
        training_images=images,
        test_images=images[:2048],
        probe=probe,
    )


def milliseconds(call: Callable[[], Any], rounds: int) -> float:
    """Median of ``rounds`` calls."""
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return 1000 * statistics.median(times)


def one_graph(folder: Path) -> float:
    """Build, check and save the larger of the two graphs."""
    encoder, _ = networks()

    def build() -> None:
        data = serialized(lower_encoder(encoder, SHAPE))
        onnx.checker.check_model(data, full_check=True)
        (folder / "encoder.onnx").write_bytes(data)

    return milliseconds(build, 9)


def four_bundles(folder: Path) -> float:
    """Seconds for a verified bundle of each variant."""
    subjects = [subject(variant, folder) for variant in VARIANTS]
    start = time.perf_counter()
    for one in subjects:
        export_bundle(one, folder / one.name)
    return time.perf_counter() - start


def sizes(folder: Path) -> dict[str, float]:
    """Bytes of both graphs in a precision, against float32."""
    found: dict[str, int] = {}
    for precision in ("fp32", "fp16", "int8"):
        form = Form(precision=precision)
        manifest = export_bundle(subject("undercomplete", folder), folder / precision, form=form)
        found[precision] = sum(manifest.files[f"{part}.onnx"]["bytes"] for part in ("encoder", "decoder"))
    return {precision: count / found["fp32"] for precision, count in found.items()}


def calls(folder: Path) -> dict[str, float]:
    """A decoder call at batch 1: ours, and ``InferenceSession.run`` alone on the same session, in turn."""
    model = open_model(read_bundle(folder / "variational"), "cpu")
    session = open_session(read_bundle(folder / "variational").decoder, ["CPUExecutionProvider"])
    code = np.random.default_rng(1).standard_normal((1, 32), dtype=np.float32)
    pairs: list[tuple[float, float]] = []
    for _ in range(60):
        ours = milliseconds(lambda: model.decode(code), 50)
        bare = milliseconds(lambda: session.run(["reconstruction"], {"latent": code}), 50)
        pairs.append((ours, bare))
    ours, bare = (statistics.median(column) for column in zip(*pairs, strict=True))
    return {"ours_us": 1000 * ours, "bare_us": 1000 * bare, "ratio": statistics.median(a / b for a, b in pairs)}


def frames(folder: Path, seconds: float = 5.0) -> dict[str, float]:
    """Share of a core for 60 frames of 8 images a second: ours, and a session with onnxruntime's defaults."""
    bundle = read_bundle(folder / "variational")
    model = open_model(bundle, "cpu")
    default = onnxruntime.InferenceSession(bundle.decoder, providers=["CPUExecutionProvider"])
    codes = np.random.default_rng(2).standard_normal((8, 32), dtype=np.float32)
    ways: dict[str, Callable[[], Any]] = {
        "ours": lambda: model.decode(codes),
        "defaults": lambda: default.run(None, {"latent": codes}),
    }
    shares = {}
    for name, decode in ways.items():
        before, start = _processor_s(), time.perf_counter()
        for frame in range(int(60 * seconds)):
            time.sleep(max(0.0, start + frame / 60 - time.perf_counter()))
            decode()
        shares[name] = (_processor_s() - before) / (time.perf_counter() - start)
    return shares


def session_ms() -> float:
    """Opening a session on the decoder."""
    data = serialized(lower_decoder(networks()[1], 32, SHAPE))
    return milliseconds(lambda: open_session(data, ["CPUExecutionProvider"]), 15)


def _processor_s() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def measure() -> dict[str, Any]:
    """Every figure, with the limit that it is held against."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        open_session(serialized(lower_decoder(networks()[1], 32, SHAPE)), ["CPUExecutionProvider"])  # imports
        return {
            "one_graph_ms": {"found": one_graph(folder), "limit": 50},
            "four_bundles_s": {"found": four_bundles(folder), "limit": 3},
            "size": {"found": sizes(folder), "limit": {"fp16": 0.51, "int8": 0.30}},
            "decoder_call": {"found": calls(folder), "limit": {"ratio": 1.1}},
            "share_of_a_core_at_60_frames": {"found": frames(folder), "limit": {"ours": 0.05}},
            "session_ms": {"found": session_ms(), "limit": 20},
        }


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench.export", description=__doc__)
    parser.add_argument("--json", action="store_true", help="nothing but JSON is printed anyway")
    parser.parse_args()
    print(json.dumps(measure(), indent=1))


if __name__ == "__main__":
    main()
