"""What we export means the same everywhere."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable

import numpy as np
import onnx
import pytest
import torch
from torch import nn

from export.errors import ExitCode, ToolError
from export.graph import serialized
from export.layers import BatchTopK, Centre, Heads, LowerTriangular
from export.lower import lower_decoder, lower_encoder
from export.runtimes import RUNTIMES, Runtime, find_runtimes, not_installed, own_words


def convolutional() -> tuple[nn.Module, nn.Module]:
    encoder = nn.Sequential(
        nn.Conv2d(1, 4, 3, stride=2, padding=1), nn.BatchNorm2d(4), nn.LeakyReLU(0.1), nn.Flatten(), nn.Linear(64, 3)
    )
    decoder = nn.Sequential(
        nn.Linear(3, 64), nn.ReLU(), nn.Unflatten(1, (4, 4, 4)),
        nn.ConvTranspose2d(4, 1, 3, stride=2, padding=1, output_padding=1), nn.BatchNorm2d(1), nn.Sigmoid(),
    )  # fmt: skip
    for module in (*encoder.modules(), *decoder.modules()):
        if isinstance(module, nn.BatchNorm2d):
            module.running_mean.uniform_(-1, 1)
            module.running_var.uniform_(0.5, 2)
    return encoder, decoder


def full_covariance() -> tuple[nn.Module, nn.Module]:
    heads = {"mean": nn.Linear(12, 3), "scale_tril": nn.Sequential(nn.Linear(12, 6), LowerTriangular(3))}
    encoder = nn.Sequential(Centre((1, 8, 8)), nn.Flatten(), nn.Linear(64, 12), nn.SiLU(), Heads(heads))
    return encoder, nn.Sequential(nn.Linear(3, 64), nn.Sigmoid(), nn.Unflatten(1, (1, 8, 8)))


def budgeted() -> tuple[nn.Module, nn.Module]:
    gate = BatchTopK(2)
    gate.threshold.fill_(0.2)
    encoder = nn.Sequential(nn.Flatten(), nn.Linear(64, 3), gate)
    return encoder, nn.Sequential(nn.Linear(3, 64), nn.Hardtanh(0, 1), nn.Unflatten(1, (1, 8, 8)))


ALONE = "AETUI_TEST_RUNTIME"
"""Names the one runtime that this process tests: OpenVINO's threads do not survive a fork, and other tests fork."""

NAMES = [os.environ[ALONE]] if ALONE in os.environ else [name for name in RUNTIMES if name != "openvino"]

MORE = {"conv": convolutional, "full": full_covariance, "batchtopk": budgeted}
KINDS = ("undercomplete", "sparse", "variational", "lecture", "points", *MORE)


@pytest.fixture
def graphs(make_networks: Callable[..., object]) -> Callable[[str], list[tuple[bytes, str, np.ndarray]]]:
    """The encoder and the decoder of a kind: (graph, name of the input, 7 inputs)."""

    def make(kind: str) -> list[tuple[bytes, str, np.ndarray]]:
        if kind in MORE:
            torch.manual_seed(5)
            (encoder, decoder), shape, width = MORE[kind](), (1, 8, 8), 3
        else:
            built = make_networks(kind)
            encoder, decoder, shape, width = built.encoder, built.decoder, built.image_shape, built.latent_dim
        random = np.random.default_rng(1)
        images = random.random((7, *shape), dtype=np.float32)
        codes = random.standard_normal((7, width), dtype=np.float32)
        models = lower_encoder(encoder.eval(), shape), lower_decoder(decoder.eval(), width, shape)
        return [(serialized(models[0]), "image", images), (serialized(models[1]), "latent", codes)]

    return make


def outputs(graph: bytes) -> list[str]:
    return [port.name for port in onnx.load_model_from_string(graph).graph.output]


def installed(name: str) -> Runtime:
    runtime = RUNTIMES[name]
    if not runtime.is_installed():
        pytest.skip(f"needs {name}: python -m pip install {runtime.package}")
    return runtime


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", [name for name in NAMES if name != "ort"])
def test_a_graph_means_the_same_in_every_runtime_at_every_batch(name, kind, graphs):
    runtime = installed(name)
    for graph, given, values in graphs(kind):
        ours, theirs = (one.open(graph, outputs(graph)) for one in (RUNTIMES["ort"], runtime))
        # Each size twice: a runtime may keep the shape, or the memory, of what came before.
        for size in (7, 1, 2, 7, *([0, 2] if runtime.empty_batch else [])):
            for found, wanted in zip(theirs({given: values[:size]}), ours({given: values[:size]}), strict=True):
                assert (found.shape, found.dtype) == (wanted.shape, np.float32)
                np.testing.assert_allclose(found, wanted, rtol=0, atol=1e-5)


@pytest.mark.parametrize("name", NAMES)
def test_outputs_come_in_the_order_in_which_they_were_asked_for(name, graphs):
    runtime = installed(name)
    graph, given, values = graphs("variational")[0]
    there = runtime.open(graph, ["mean", "log_variance"])({given: values})
    back = runtime.open(graph, ["log_variance", "mean"])({given: values})
    assert not np.allclose(there[0], there[1])
    np.testing.assert_array_equal(there[0], back[1])
    np.testing.assert_array_equal(there[1], back[0])
    (alone,) = runtime.open(graph, ["log_variance"])({given: values})
    np.testing.assert_array_equal(alone, there[1])


@pytest.mark.parametrize("name", NAMES)
def test_an_answer_is_not_overwritten_by_the_next(name, graphs):
    run = installed(name).open(*(lambda graph: (graph, outputs(graph)))(graphs("undercomplete")[1][0]))
    values = graphs("undercomplete")[1][2]
    (first,) = run({"latent": values})
    kept = first.copy()
    run({"latent": -values})
    np.testing.assert_array_equal(first, kept)


@pytest.mark.parametrize("name", NAMES)
def test_every_runtime_says_its_version(name):
    assert installed(name).version().replace(".", "").isdigit()


@pytest.mark.skipif(ALONE in os.environ, reason="this is that process")
def test_openvino_passes_the_same_in_a_process_of_its_own():
    installed("openvino")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-k", "openvino", __file__]
    for attempt in ("first", "second"):
        try:
            done = subprocess.run(
                command, env={**os.environ, ALONE: "openvino"}, capture_output=True, text=True, check=False, timeout=90
            )
            break
        except subprocess.TimeoutExpired:
            # It stood still once in some hundred runs, beside torch; verify has a time limit for that.
            if attempt == "second":
                raise
    assert done.returncode == 0, done.stdout
    assert f"{len(KINDS) + 3} passed" in done.stdout


def test_all_means_what_is_installed_and_a_name_counts_once(monkeypatch):
    monkeypatch.setitem(RUNTIMES, "far", Runtime(name="far", module="far_away", package="far", open=lambda *_: list))
    assert [runtime.name for runtime in find_runtimes(["reference", "ort", "reference"])] == ["reference", "ort"]
    found = [runtime.name for runtime in find_runtimes(["all", "ort"])]
    assert found == [name for name, runtime in RUNTIMES.items() if runtime.is_installed()]
    assert {"ort", "reference"} <= set(found)
    assert "far" not in found


def test_a_runtime_that_is_not_installed_is_an_error_with_the_command_that_installs_it(monkeypatch):
    far = Runtime(name="far", module="far_away", package="far-runtime", open=lambda *_: list)
    monkeypatch.setitem(RUNTIMES, "far", far)
    with pytest.raises(ToolError, match="far is not installed") as caught:
        find_runtimes(["ort", "far"])
    assert caught.value.exit_code == ExitCode.USAGE
    assert caught.value.do == "python -m pip install far-runtime"
    assert not_installed(far, "broken").why == "broken"


def test_an_unknown_runtime_is_told_which_there_are():
    with pytest.raises(ToolError, match="unknown runtime 'opencl'") as caught:
        find_runtimes(["opencl"])
    assert caught.value.exit_code == ExitCode.USAGE
    assert "openvino" in caught.value.why


def test_a_stack_trace_is_left_out_of_what_a_runtime_says():
    said = ValueError('Translating node #4 "Gemm_0"\n\nCaused by:\n   no F16\n\nStack backtrace:\n 0: anyhow::msg')
    assert own_words(said) == 'Translating node #4 "Gemm_0" Caused by: no F16'
    assert own_words(KeyError()) == "KeyError"
    assert len(own_words(ValueError("x" * 1000))) == 300
