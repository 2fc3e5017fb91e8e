"""Running a bundle: the numbers, the provider that really runs, and silence."""

from __future__ import annotations

import dataclasses
import subprocess
import sys

import numpy as np
import pytest
import torch

from export import cuda, runtime
from export.bundle import read_bundle
from export.errors import ExitCode, ToolError
from export.runtime import BATCH, open_model
from export.write import export_bundle


@pytest.fixture
def opened(bundle):
    return open_model(read_bundle(bundle), "cpu")


def test_a_model_computes_what_the_network_computes(opened, make_networks):
    built = make_networks("variational")
    images = built.images(5)
    with torch.no_grad():
        heads = built.encoder(torch.from_numpy(images))
        wanted = built.decoder(heads["mean"]).numpy()
    found = opened.encode(images)
    assert list(found) == ["mean", "log_variance"]
    for name, head in heads.items():
        np.testing.assert_allclose(found[name], head.numpy(), rtol=0, atol=1e-6)
    latent, x_hat = opened.reconstruct(images)
    np.testing.assert_array_equal(latent, found["mean"])
    np.testing.assert_array_equal(opened.code(images), found["mean"])
    np.testing.assert_allclose(x_hat, wanted, rtol=0, atol=1e-6)
    np.testing.assert_array_equal(opened.decode(latent), x_hat)


def test_no_images_give_no_codes(opened):
    latent, x_hat = opened.reconstruct(np.zeros((0, 1, 8, 8), np.float32))
    assert (latent.shape, x_hat.shape) == ((0, 3), (0, 1, 8, 8))


def test_many_images_go_through_in_pieces_and_come_back_in_order(opened):
    images = np.random.default_rng(0).random((2 * BATCH + 3, 1, 8, 8), dtype=np.float32)
    whole = opened.code(images)
    assert whole.shape == (len(images), 3)
    for i in (0, BATCH - 1, BATCH, 2 * BATCH + 2):
        np.testing.assert_allclose(whole[i], opened.code(images[i : i + 1])[0], rtol=0, atol=1e-6)


@pytest.mark.parametrize(
    "images", [np.zeros((1, 8, 8), np.float32), np.zeros((1, 1, 8, 9), np.float32), np.zeros((1, 1, 8, 8))], ids=str
)
def test_images_of_another_shape_or_type_are_refused(opened, images):
    with pytest.raises(ToolError, match=r"float32 \[n, 1, 8, 8\]") as caught:
        opened.encode(images)
    assert caught.value.exit_code == ExitCode.USAGE


def test_a_code_of_another_width_is_refused(opened):
    with pytest.raises(ToolError, match=r"float32 \[n, 3\]"):
        opened.decode(np.zeros((1, 4), np.float32))


def test_an_unknown_provider_is_named(bundle):
    with pytest.raises(ToolError, match="unknown provider 'gpu'"):
        open_model(read_bundle(bundle), "gpu")


def test_the_cpu_is_used_where_it_was_asked_for(opened):
    assert (opened.provider, opened.reason) == ("CPU", "asked for")


@pytest.fixture
def no_driver(monkeypatch):
    """A box without an NVIDIA driver, also where there is one."""
    monkeypatch.setattr(cuda, "DRIVER", "libcuda-that-is-not-there.so.1")
    cuda.why_not_cuda.cache_clear()
    yield
    cuda.why_not_cuda.cache_clear()


@pytest.mark.usefixtures("no_driver")
def test_without_cuda_auto_runs_on_the_cpu_and_says_why(bundle):
    model = open_model(read_bundle(bundle), "auto")
    assert model.provider == "CPU"
    assert "not found" in model.reason


@pytest.mark.usefixtures("no_driver")
def test_a_strict_cuda_is_an_error_with_the_reason(bundle):
    with pytest.raises(ToolError, match="not to be had") as caught:
        open_model(read_bundle(bundle), "cuda")
    assert caught.value.exit_code == ExitCode.DAMAGED
    assert "--provider cpu" in caught.value.do


def test_a_cuda_that_does_not_start_falls_back_in_silence(bundle, monkeypatch, capfd):
    monkeypatch.setattr(runtime, "why_not_cuda", lambda: None)
    monkeypatch.setattr(runtime, "_CUDA_OPTIONS", {**runtime._CUDA_OPTIONS, "device_id": "99"})
    model = open_model(read_bundle(bundle), "auto")
    assert model.provider == "CPU"
    assert model.reason
    assert capfd.readouterr() == ("", "")
    with pytest.raises(ToolError, match="not to be had"):
        open_model(read_bundle(bundle), "cuda")
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("graph", [b"", b"garbage", b"\x08\x0a\x12\x00"])
def test_a_graph_that_onnxruntime_refuses_is_an_error_and_nothing_is_printed(bundle, graph, capfd):
    harmed = dataclasses.replace(read_bundle(bundle), encoder=graph)
    for provider in ("cpu", "auto"):
        with pytest.raises(ToolError, match=r"refuses encoder\.onnx") as caught:
            open_model(harmed, provider)
        assert caught.value.exit_code == ExitCode.DAMAGED
    assert capfd.readouterr() == ("", "")


def test_every_variant_opens(kind, make_subject, tmp_path):
    subject = make_subject(kind)
    export_bundle(subject, tmp_path / "b")
    model = open_model(read_bundle(tmp_path / "b"), "cpu")
    x_hat = model.reconstruct(subject.images)[1]
    assert x_hat.min() >= 0
    assert x_hat.max() <= 1


def test_reading_running_and_verifying_a_bundle_need_no_torch(bundle):
    code = (
        "import sys, pathlib\n"
        "import export.bundle, export.runtime, export.verify, export.doctor, export.session_probe\n"
        "assert not {'torch', 'onnx', 'onnxruntime'} & set(sys.modules), 'imported before it is needed'\n"
        "export.runtime.open_model(export.bundle.read_bundle(pathlib.Path(sys.argv[1])))\n"
        "export.verify.verify_bundle(pathlib.Path(sys.argv[1]))\n"
        "assert 'torch' not in sys.modules\n"
    )
    done = subprocess.run([sys.executable, "-c", code, str(bundle)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
