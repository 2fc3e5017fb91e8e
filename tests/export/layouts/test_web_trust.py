"""What the page checks before it shows anything, and what it says where something is wrong."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import numpy_helper

from export.layouts.web import PUBLIC_RUNTIME, RUNTIME_FILES

from ...conftest import INSECURE_HOST
from .looking import (
    read_tensor,
)

HOSTILE = "<img src=x onerror=\"document.title='run'\"><script>document.title='run'</script>"


def test_the_page_checks_itself_and_asks_for_nothing_from_elsewhere(make_site, open_page):
    site = make_site()
    page = open_page(site.url)
    found = re.fullmatch(r"Self-check passed: largest difference (\S+)", page.inner_text("#check"))
    assert float(found[1].replace("−", "-")) < 1e-5
    assert page.inner_text("#hashes") == "sha256 of 7 files as in manifest.json"
    assert re.fullmatch(r"onnxruntime-web \d+\.\d+\.\d+, WASM, one thread", page.inner_text("#runtime"))
    assert re.fullmatch(r"\S+ ms per decode", page.inner_text("#speed"))
    assert page.complaints == []
    assert [url for url in page.requested if not url.startswith((site.url, "blob:"))] == []
    facts = page.inner_text("#facts")
    for known in ("variational", "mlp", "digits", "1 × 8 × 8", "400", "0.0123", "fp32"):
        assert known in facts


def test_a_test_vector_that_disagrees_is_said_in_red(make_site, open_page, forge):
    site = make_site()
    name = "test_data_set_0/decoder/output_0.pb"
    tensor = numpy_helper.from_array(read_tensor(site.folder / name) + np.float32(0.25), "reconstruction")
    forge(site.folder, name, tensor.SerializeToString())
    page = open_page(site.url, ready=False)
    page.wait_for_selector("html[data-ready]", state="attached")
    assert page.inner_text("#check") == "Self-check failed: largest difference 0.25"
    assert "computes wrongly: reconstruction differs from its test vector by 0.25" in page.inner_text("#failure")
    assert page.get_attribute("#status", "data-state") == "bad"
    assert page.evaluate("getComputedStyle(document.getElementById('check')).color") == "rgb(179, 38, 30)"


@pytest.mark.parametrize(("precision", "shift", "verdict"), [("fp16", 8e-4, "passed"), ("fp32", 8e-4, "failed")])
def test_half_precision_may_differ_by_more(make_site, open_page, forge, precision, shift, verdict):
    site = make_site()
    name = "test_data_set_0/decoder/output_0.pb"
    manifest = (site.folder / "manifest.json").read_text()
    (site.folder / "manifest.json").write_text(manifest.replace('"fp32"', f'"{precision}"'))
    tensor = numpy_helper.from_array(read_tensor(site.folder / name) + np.float32(shift), "reconstruction")
    forge(site.folder, name, tensor.SerializeToString())
    page = open_page(site.url, ready=False)
    assert page.inner_text("#check").startswith(f"Self-check {verdict}: largest difference 8.0e−4")
    assert precision in page.inner_text("#facts")


def test_vectors_written_as_float_data_are_read_too(make_site, open_page, forge):
    site = make_site()
    name = "test_data_set_0/encoder/input_0.pb"
    values = read_tensor(site.folder / name)
    tensor = onnx.helper.make_tensor("image", onnx.TensorProto.FLOAT, values.shape, values.ravel())
    assert not tensor.raw_data
    forge(site.folder, name, tensor.SerializeToString())
    assert "Self-check passed" in open_page(site.url).inner_text("#check")


@pytest.mark.parametrize(
    ("name", "change", "said"),
    [
        ("decoder.onnx", lambda data: data[:-1] + bytes([data[-1] ^ 1]), "decoder.onnx has sha256"),
        ("encoder.onnx", lambda data: data[:-1], "encoder.onnx has"),
        ("manifest.json", lambda data: data[:-3], "manifest.json is not JSON"),
        ("manifest.json", lambda data: data.replace(b"aetui-bundle", b"other"), "not the manifest of such a bundle"),
        ("web/ort/ort.wasm.min.js", lambda data: data + b" ", "ort.wasm.min.js is not the file"),
        ("web/ort/ort-wasm-simd-threaded.mjs", lambda data: data + b" ", "threaded.mjs is not the file"),
        ("web/ort/ort-wasm-simd-threaded.wasm", lambda data: data[:-1] + b"!", "threaded.wasm is not the file"),
    ],
)
def test_a_changed_file_stops_the_page_and_it_says_which(make_site, open_page, name, change, said):
    site = make_site()
    path = site.folder / name
    path.write_bytes(change(path.read_bytes()))
    page = open_page(site.url, ready=False)
    assert said in page.inner_text("#failure")
    _assert_stopped(page)


@pytest.mark.parametrize("name", ["manifest.json", "decoder.onnx", "web/ort/ort-wasm-simd-threaded.wasm"])
def test_a_missing_file_stops_the_page_and_it_says_which(make_site, open_page, name):
    site = make_site()
    (site.folder / name).unlink()
    page = open_page(site.url, ready=False)
    assert f"{Path(name).name} could not be loaded" in page.inner_text("#failure")
    assert "404" in page.inner_text("#failure")
    _assert_stopped(page)


def test_opened_as_a_file_the_page_says_what_to_do(make_site, chromium):
    site = make_site()
    page = chromium.new_page()
    page.goto((site.folder / "index.html").as_uri())
    page.wait_for_selector("#failure", state="visible")
    assert "python -m http.server" in page.inner_text("#failure")
    page.close()


def test_a_hostile_name_stays_text(make_site, open_page):
    site = make_site(name=HOSTILE)
    page = open_page(site.url)
    assert page.inner_text("#name") == HOSTILE
    assert page.title() == HOSTILE
    assert page.locator("img").count() == 0
    assert page.locator("body script").count() == 0
    assert HOSTILE not in (site.folder / "index.html").read_text()


def test_where_the_browser_cannot_hash_it_says_so_and_works(make_site, open_page):
    site = make_site()
    page = open_page(site.url.replace("127.0.0.1", INSECURE_HOST))
    assert page.inner_text("#hashes").startswith("sha256 not checked")
    assert "Self-check passed" in page.inner_text("#check")


def test_the_public_runtime_is_loaded_and_checked(make_site, open_page, node_modules):
    page = open_page(make_site(offline=False).url, prepare=_public_server(node_modules))
    assert page.inner_text("#runtime").startswith(f"onnxruntime-web {PUBLIC_RUNTIME.version},")
    assert "Self-check passed" in page.inner_text("#check")
    assert page.complaints == []
    assert {url for url in page.requested if url.startswith("https:")} == {
        f"{PUBLIC_RUNTIME.base}{name}" for name in RUNTIME_FILES
    }


@pytest.mark.parametrize("name", RUNTIME_FILES)
def test_a_changed_byte_of_the_public_runtime_is_refused(make_site, open_page, node_modules, name):
    site = make_site(offline=False)
    page = open_page(site.url, ready=False, prepare=_public_server(node_modules, changed=name))
    assert f"{name} is not the file that this page was made with" in page.inner_text("#failure")
    assert "--onnxruntime-web" in page.inner_text("#failure")
    _assert_stopped(page)


def test_without_a_network_the_page_says_how_to_do_without(make_site, open_page):
    page = open_page(make_site(offline=False).url, ready=False)
    assert f"{PUBLIC_RUNTIME.base}" in page.inner_text("#failure")
    assert "--onnxruntime-web" in page.inner_text("#failure")
    _assert_stopped(page)


def _public_server(node_modules: Path, changed: str = "") -> Callable:
    """Answers for the public server from the npm package; the file ``changed`` with one other byte."""

    def answer(route, request) -> None:
        name = request.url.removeprefix(PUBLIC_RUNTIME.base)
        body = (node_modules / "onnxruntime-web" / "dist" / name).read_bytes()
        if name == changed:
            body = body[:-1] + bytes([body[-1] ^ 1])
        route.fulfill(body=body, headers={"Access-Control-Allow-Origin": "*", "Content-Type": "text/javascript"})

    return lambda page: page.route(f"{PUBLIC_RUNTIME.base}*", answer)


def _assert_stopped(page) -> None:
    assert not page.is_visible("main")
    assert page.get_attribute("#status", "data-state") == "bad"
    for label in ("error:", "why:", "do:"):
        assert label in page.inner_text("#failure")
