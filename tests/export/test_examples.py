"""The examples in a bundle run as they are written, and say the same in three languages."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import export
from export.runtimes import RUNTIMES
from export.write import export_bundle

EXAMPLES = Path(export.__file__).parent / "examples"
JAVASCRIPT = Path(__file__).parents[1] / "javascript"

# An interpreter in which only what the example may need can be imported.
_ALONE = """
import runpy, sys
class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("torch", "onnx", "export", "trainer", "aetui"):
            raise ImportError(name)
sys.meta_path.insert(0, Refuse())
script, *sys.argv[1:] = sys.argv[1:]
runpy.run_path(script, run_name="__main__")
"""


def run(*command, cwd, **environment):
    return subprocess.run(
        list(map(str, command)), cwd=cwd, env={**os.environ, **environment}, capture_output=True, text=True, check=False
    )


def infer_in_python(bundle, *arguments, cwd=None):
    return run(sys.executable, "-c", _ALONE, bundle / "examples" / "infer.py", *arguments, cwd=cwd or bundle.parent)


def node_modules() -> Path:
    """Where onnxruntime-node is."""
    for place in filter(None, [os.environ.get("AETUI_NODE_MODULES"), str(JAVASCRIPT / "node_modules")]):
        if (Path(place) / "onnxruntime-node").is_dir() and shutil.which("node"):
            return Path(place).resolve()
    pytest.skip("needs Node 18 and onnxruntime-node: npm ci in tests/javascript (or AETUI_NODE_MODULES=…/node_modules)")


def infer_in_javascript(bundle, *arguments, cwd):
    """As a user would: the package is installed where the command is called."""
    if not (cwd / "node_modules").exists():
        (cwd / "node_modules").symlink_to(node_modules())
    return run("node", bundle / "examples" / "infer.mjs", *arguments, cwd=cwd, NODE_PATH="")


@pytest.fixture(scope="session")
def infer_in_cpp(tmp_path_factory):
    """The compiled example: by the very lines that its head gives."""
    if not RUNTIMES["openvino"].is_installed() or not shutil.which("g++"):
        pytest.skip("needs g++ and OpenVINO's headers: apt-get install g++; python -m pip install openvino")
    folder = tmp_path_factory.mktemp("cpp")
    shutil.copy(EXAMPLES / "infer.cpp", folder)
    head = (EXAMPLES / "infer.cpp").read_text().partition("#include")[0]
    lines = [line.removeprefix("//   ") for line in head.splitlines() if line.startswith(("//   ov=", "//   g++"))]
    assert len(lines) == 2
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = run("sh", "-ec", "\n".join(lines), cwd=folder, PATH=path)
    assert done.returncode == 0, done.stderr
    return lambda bundle, *arguments, cwd: run(folder / "infer", bundle, *arguments, cwd=cwd)


@pytest.fixture(params=["python", "javascript", "cpp"])
def infer(request):
    """``infer(bundle, *arguments, cwd=…)`` in each language."""
    if request.param == "cpp":
        return request.getfixturevalue("infer_in_cpp")
    return {"python": infer_in_python, "javascript": infer_in_javascript}[request.param]


@pytest.fixture
def make_bundle(make_subject, tmp_path):
    """A bundle with every example, in a folder with spaces; returns it and its manifest."""

    def make(kind):
        folder = tmp_path / "a folder" / "b"
        manifest = export_bundle(make_subject(kind), folder)
        for name in ("infer.mjs", "infer.cpp"):
            if not (folder / "examples" / name).exists():
                shutil.copy(EXAMPLES / name, folder / "examples")
        return folder, manifest

    return make


def said(done):
    """(the lines, with the error cut off, the error) of an example that ran."""
    assert (done.returncode, done.stderr) == (0, "")
    text, error = re.fullmatch(r"(.*, mean squared error per pixel) (\d\.\d{6}|nan)\n", done.stdout, re.DOTALL).groups()
    return text.splitlines(), float(error)


def test_each_example_says_the_same_of_the_bundles_own_images(infer, kind, make_bundle, tmp_path, reconstructed):
    bundle, manifest = make_bundle(kind)
    lines, error = said(infer(bundle, cwd=tmp_path))
    images = make_subject_images(manifest)
    heads = [f"{head}: [8, {shape[0]}]" for head, shape in manifest.heads.items()]
    shape = ", ".join(map(str, manifest.image_shape))
    assert lines == [*heads, f"reconstruction: [8, {shape}], mean squared error per pixel"]
    assert error == pytest.approx(np.square(reconstructed(bundle, images) - images).mean(), abs=1e-6)


def make_subject_images(manifest):
    """The first eight of the images that the fixture verifies with, which the bundle keeps as its vectors."""
    random = np.random.default_rng(7)
    return random.random((256, *manifest.image_shape), dtype=np.float32)[[0, 36, 73, 109, 146, 182, 219, 255]]


@pytest.fixture
def reconstructed():
    """What onnxruntime makes of images with a bundle."""
    from export.bundle import read_bundle
    from export.runtime import open_model

    return lambda bundle, images: open_model(read_bundle(bundle), "cpu").reconstruct(images)[1]


@pytest.mark.parametrize("shape", [(3, 1, 8, 8), (3, 8, 8), (1, 8, 8)], ids=["channels", "no channels", "one image"])
@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
def test_each_example_takes_images_of_ones_own(infer, shape, dtype, make_bundle, tmp_path, reconstructed):
    bundle, _ = make_bundle("variational")
    random = np.random.default_rng(5)
    mine = random.integers(0, 256, shape, np.uint8) if dtype == np.uint8 else random.random(shape, np.float32)
    np.save(tmp_path / "my images.npy", mine)
    lines, error = said(infer(bundle, "my images.npy", cwd=tmp_path))
    assert lines[-1] == f"reconstruction: [{shape[0]}, 1, 8, 8], mean squared error per pixel"
    images = (mine / 255 if dtype == np.uint8 else mine).astype(np.float32).reshape(-1, 1, 8, 8)
    assert error == pytest.approx(np.square(reconstructed(bundle, images) - images).mean(), abs=1e-6)


@pytest.mark.parametrize("shape", [(2, 1, 8, 7), (2, 3, 8, 8), (8, 8), (2, 8, 9)])
def test_images_of_another_shape_are_refused_not_reshaped(infer, shape, make_bundle, tmp_path):
    bundle, _ = make_bundle("undercomplete")
    np.save(tmp_path / "mine.npy", np.zeros(shape, np.float32))
    done = infer(bundle, "mine.npy", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    assert "the model takes [" in done.stderr
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("infer", ["javascript", "cpp"], indirect=True)
def test_what_a_small_reader_cannot_read_it_refuses(infer, make_bundle, tmp_path):
    bundle, _ = make_bundle("undercomplete")
    for mine in (np.zeros((2, 8, 8)), np.zeros((8, 8, 2), np.float32).T, np.zeros((2, 8, 8), ">f4")):
        np.save(tmp_path / "mine.npy", mine)
        done = infer(bundle, "mine.npy", cwd=tmp_path)
        assert (done.returncode, done.stdout) == (1, "")
        assert "not an array of uint8 or float32 in C order" in done.stderr


def test_the_python_example_takes_the_images_of_the_probe(kind, make_bundle, tmp_path):
    bundle, manifest = make_bundle(kind)
    lines, _ = said(infer_in_python(bundle, bundle / "probe.npz"))
    assert [line.partition(":")[2][:4] for line in lines] == [" [64"] * (len(manifest.heads) + 1)


def test_the_javascript_example_says_what_to_install(make_bundle, tmp_path):
    node_modules()
    bundle, _ = make_bundle("undercomplete")
    done = run("node", bundle / "examples" / "infer.mjs", cwd=tmp_path, NODE_PATH="")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "onnxruntime-node is not installed: npm install onnxruntime-node\n"
