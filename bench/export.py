"""Graphs: how fast they are written, checked, opened and run, how small they get, where else they run.

``python -m bench.export --json``. One thread per session, on the CPU. Peers and limits in the same run.
"""

from __future__ import annotations

import hashlib
import resource
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime

from bench.bundles import IMAGE_SHAPE, LATENT_DIM, networks, subject, train
from bench.figures import Figure
from bench.machine import aetrain, environment, run, talk
from bench.report import Part, report
from bench.runtimes import differences
from export.bundle import read_bundle
from export.graph import serialized
from export.lower import lower_decoder, lower_encoder
from export.runtime import open_model, open_session
from export.torch_exporter import export_encoder
from export.write import export_bundle

VARIANTS = ("undercomplete", "sparse", "denoising", "variational")


def milliseconds(call: Callable[[], Any], rounds: int) -> float:
    """Median of ``rounds`` calls."""
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return 1000 * statistics.median(times)


def one_graph(folder: Path) -> list[Figure]:
    """Build, check and save the encoder 784-512-256-32; torch's exporter on the same."""
    encoder, _ = networks()

    def native() -> None:
        data = serialized(lower_encoder(encoder, IMAGE_SHAPE))
        onnx.checker.check_model(data, full_check=True)
        (folder / "encoder.onnx").write_bytes(data)

    ours = milliseconds(native, 9)
    export_encoder(encoder, IMAGE_SHAPE)  # its imports
    theirs = milliseconds(lambda: export_encoder(encoder, IMAGE_SHAPE), 2)
    return [
        Figure(what="one graph: build, check, save", value=ours, unit="ms", reach=50, at_most=True),
        Figure(what="torch's exporter on the same graph, as many times as long", value=theirs / ours, unit="×"),
    ]


def four_bundles(folder: Path) -> list[Figure]:
    """A verified bundle of each variant, 784-512-256-32, after torch is imported."""
    subjects = [subject(variant, folder) for variant in VARIANTS]
    start = time.perf_counter()
    for one in subjects:
        export_bundle(one, folder / one.name)
    seconds = time.perf_counter() - start
    return [Figure(what="four verified bundles", value=seconds, unit="s", reach=3, at_most=True)]


def same_bytes(folder: Path) -> list[Figure]:
    """Every file of two exports of one run: other folders, processes and hash seeds."""
    train(folder, "variational", "--data", "digits")
    digests = []
    for seed in ("1", "2"):
        output = folder / f"seed-{seed}"
        output.mkdir()
        command = aetrain("export", "run", "--runs-dir", folder / "runs", "--output", ".")
        run(command, environment(PYTHONHASHSEED=seed), cwd=output)
        files = sorted(path for path in (output / "run").rglob("*") if path.is_file())
        digests.append([(str(p.relative_to(output)), hashlib.sha256(p.read_bytes()).hexdigest()) for p in files])
    differ = sum(one != other for one, other in zip(*digests, strict=True))
    what = f"files of {len(digests[0])} that differ between two exports"
    return [Figure(what=what, value=differ, unit="", reach=0, at_most=True)]


def sizes(folder: Path) -> list[Figure]:
    """Bytes of both graphs, and what happens to the error, in trained networks on Fashion-MNIST."""
    figures = []
    for arch, limit, flags in (("mlp", 0.30, ("--hidden", "512", "256", "--latent-dim", "32")), ("conv", 0.40, ())):
        place = folder / arch
        train(place, "variational", "--data", "fashion-mnist", "--arch", arch, "--steps", "600", *flags)
        for precision, reach, growth in (("fp16", 0.51, 0.1), ("int8", limit, 1.0)):
            command = aetrain("export", "run", "--runs-dir", place / "runs", "--precision", precision)
            run(command)
            quality = read_bundle(place / "runs" / "run" / "export" / precision).manifest.quality or {}
            name = f"{precision}, {arch}"
            figures += [
                Figure(what=f"{name}: size", value=quality["size"], unit="×", reach=reach, at_most=True),
                Figure(
                    what=f"{name}: growth of the error",
                    value=100 * quality["growth"],
                    unit="%",
                    reach=growth,
                    at_most=True,
                ),
            ]
    return figures


def elsewhere(folder: Path) -> list[Figure]:
    """The same bundles in other runtimes, against onnxruntime in Python, relative to max(1, max|y|)."""
    figures = []
    for arch in ("mlp", "conv"):
        place = folder / f"elsewhere-{arch}"
        train(place, "variational", "--data", "digits", "--arch", arch)
        for precision, reach in (("fp32", 1e-5), ("fp16", 1e-3)):
            run(aetrain("export", "run", "--runs-dir", place / "runs", "--precision", precision))
            for runtime, found in differences(place / "runs" / "run" / "export" / precision).items():
                if isinstance(found, str):
                    talk(f"{runtime}, {precision}, {arch}: {found}")
                value = found if isinstance(found, float) else None
                what = f"{runtime}, {precision}, {arch}: largest difference"
                figures.append(Figure(what=what, value=value, unit="", reach=reach, at_most=True))
    return figures


def calls(folder: Path) -> list[Figure]:
    """A decoder call at batch 1 through ``Model``, and ``run`` of the same session: one of each, in turn."""
    export_bundle(subject("variational", folder), folder / "calls")
    model = open_model(read_bundle(folder / "calls"), "cpu")
    session = model.session("decoder")
    code = np.random.default_rng(1).standard_normal((1, LATENT_DIM), dtype=np.float32)
    feed, outputs = {"latent": code}, ["reconstruction"]
    times = []
    for _ in range(20_000):
        start = time.perf_counter()
        model.decode(code)
        between = time.perf_counter()
        session.run(outputs, feed)
        times.append((between - start, time.perf_counter() - between))
    ours, bare = (statistics.median(column) for column in zip(*times, strict=True))
    return [
        Figure(what="decoder call against InferenceSession.run", value=ours / bare, unit="×", reach=1.1, at_most=True),
        Figure(what="InferenceSession.run alone, batch 1", value=1e6 * bare, unit="µs"),
    ]


def frames(folder: Path, seconds: float = 5.0) -> list[Figure]:
    """60 frames of 8 images a second: ours, a session with onnxruntime's defaults, and a floor.

    Between two frames the weights leave the caches; what fetching them costs depends on the machine and its neighbours.
    """
    export_bundle(subject("variational", folder), folder / "frames")
    bundle = read_bundle(folder / "frames")
    model = open_model(bundle, "cpu")
    default = onnxruntime.InferenceSession(bundle.decoder, providers=["CPUExecutionProvider"])
    codes = np.random.default_rng(2).standard_normal((8, LATENT_DIM), dtype=np.float32)
    ours = _share_of_a_core(lambda: model.decode(codes), seconds)
    theirs = _share_of_a_core(lambda: default.run(None, {"latent": codes}), seconds)
    file = np.frombuffer(bundle.decoder, np.uint8)
    floor = _share_of_a_core(file.max, seconds)
    return [
        Figure(what="60 frames/s × 8 images, of a core", value=100 * ours, unit="%", reach=5, at_most=True),
        Figure(what="the same with onnxruntime's defaults", value=100 * theirs, unit="%"),
        Figure(what="reading the bytes of the decoder as often, alone", value=100 * floor, unit="%"),
    ]


def opening(folder: Path) -> list[Figure]:
    """Opening a session on the decoder."""
    data = serialized(lower_decoder(networks()[1], LATENT_DIM, IMAGE_SHAPE))
    value = milliseconds(lambda: open_session(data, ["CPUExecutionProvider"]), 15)
    return [Figure(what="opening a session", value=value, unit="ms", reach=20, at_most=True)]


PARTS: dict[str, Part] = {
    "graph": one_graph,
    "four": four_bundles,
    "bytes": same_bytes,
    "sizes": sizes,
    "elsewhere": elsewhere,
    "calls": calls,
    "frames": frames,
    "opening": opening,
}


def _share_of_a_core(decode: Callable[[], Any], seconds: float) -> float:
    before, start = _processor_s(), time.perf_counter()
    for frame in range(int(60 * seconds)):
        time.sleep(max(0.0, start + frame / 60 - time.perf_counter()))
        decode()
    return (_processor_s() - before) / (time.perf_counter() - start)


def _processor_s() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def main(arguments: list[str] | None = None) -> int:
    open_session(serialized(lower_decoder(networks()[1], LATENT_DIM, IMAGE_SHAPE)), ["CPUExecutionProvider"])  # imports
    return report("export", __doc__, PARTS, arguments)


if __name__ == "__main__":
    sys.exit(main())
