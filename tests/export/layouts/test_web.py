"""The page in a real browser, held against onnxruntime in Python on the same bundle."""

from __future__ import annotations

import io
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import PIL.Image
import pytest
import torch
from onnx import numpy_helper
from torch import nn

from export.bundle import read_manifest
from export.layers import Heads
from export.layouts.web import PUBLIC_RUNTIME, RUNTIME_FILES, web_files
from export.write import export_bundle
from trainer.data.folder import read_image

from .conftest import INSECURE_HOST

INSET = 10
"""Pixels between the border of a pad and its range, as in pointing.js."""

HOSTILE = "<img src=x onerror=\"document.title='run'\"><script>document.title='run'</script>"


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
        return _tensor(self.folder / "test_data_set_0/encoder/input_0.pb")


@pytest.fixture
def make_site(tmp_path, make_subject, serve, node_modules) -> Callable[..., Site]:
    def make(kind: str = "variational", *, offline: bool = True, **changes) -> Site:
        folder = tmp_path / "bundle"
        export_bundle(make_subject(kind, **changes), folder)
        _write_page(folder, node_modules if offline else None)
        return Site(folder, serve(folder))

    return make


@pytest.fixture
def open_page(chromium):
    """A page, of which every request and every complaint is kept; ``ready=False``: it may fail."""
    contexts = []

    def open_at(url: str, *, ready: bool = True, prepare: Callable = lambda page: None):
        context = chromium.new_context(viewport={"width": 1280, "height": 800})
        contexts.append(context)
        page = context.new_page()
        page.requested, page.complaints = [], []
        page.on("request", lambda request: page.requested.append(request.url))
        page.on("console", lambda message: page.complaints.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        prepare(page)
        page.goto(url)
        page.wait_for_selector("html[data-ready], #failure:not([hidden]):not([data-late])", state="attached")
        if ready:
            assert not page.is_visible("#failure"), page.inner_text("#failure")
        return page

    yield open_at
    for context in contexts:
        context.close()


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


def test_it_works_below_a_path_of_the_server(make_site, open_page, serve, tmp_path):
    make_site()
    page = open_page(serve(tmp_path) + "bundle/index.html?from=somewhere#here")
    assert "Self-check passed" in page.inner_text("#check")


def test_a_slider_moved_by_keys_decodes_what_python_decodes(make_site, open_page):
    site = make_site()
    page = open_page(site.url)
    page.click("#zero")
    page.focus("#z1")
    for _ in range(7):
        page.keyboard.press("ArrowRight")
    code = _sliders(page)
    assert code == pytest.approx([0, 7 * 6 / 120, 0], abs=1e-6)
    _assert_shows(page, "decoded", site.decode(code))


def test_a_slider_moved_by_the_mouse_decodes_what_python_decodes(make_site, open_page):
    site = make_site()
    page = open_page(site.url)
    page.click("#zero")
    box = page.locator("#z2").bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.9, box["y"] + box["height"] / 2, steps=8)
    page.mouse.up()
    code = _sliders(page)
    assert code[2] > 2
    _assert_shows(page, "decoded", site.decode(code))


def test_the_pad_moves_its_two_dimensions_by_mouse_and_keys(make_site, open_page):
    site = make_site()
    page = open_page(site.url)
    page.click("#zero")
    page.select_option("#pad-x", "0")
    page.select_option("#pad-y", "2")
    _click_at(page, "#pad", 0.75, 0.25)
    assert _sliders(page) == pytest.approx([1.5, 0, -1.5], abs=0.06)
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Shift+ArrowLeft")
    code = _sliders(page)
    assert code == pytest.approx([1.0, 0, -1.4], abs=0.06)
    assert page.get_attribute("#pad", "aria-valuetext").startswith("z0 1")
    exact = _code_of_pad(page)
    _assert_shows(page, "decoded", site.decode([exact[0], 0, exact[1]]))


def test_choosing_the_other_dimension_of_the_pad_exchanges_the_two(make_site, open_page):
    page = open_page(make_site().url)
    x, y = (page.input_value(f"#pad-{axis}") for axis in "xy")
    page.select_option("#pad-x", y)
    assert (page.input_value("#pad-x"), page.input_value("#pad-y")) == (y, x)


def test_from_the_image_gives_its_reconstruction(make_site, open_page):
    site = make_site()
    page = open_page(site.url)
    page.click("#zero")
    _assert_shows(page, "decoded", site.decode([0, 0, 0]))
    before = page.get_attribute("#mse", "value")
    page.click("#thumbnails button:nth-child(4)")
    _until_scored(page, before)
    page.click("#from-image")
    image = site.images()[3]
    _assert_shows(page, "decoded", site.decode(site.code(image)))
    _assert_shows(page, "seen", image)


def test_a_sample_from_the_prior_is_standard_normal(make_site, open_page):
    page = open_page(make_site().url)
    drawn = []
    for _ in range(100):
        page.click("#random")
        drawn += _sliders(page)
    drawn = np.array(drawn)  # 300 values: 4 standard errors are 0.23 for the mean, 0.16 for the deviation
    assert abs(drawn.mean()) < 0.25
    assert abs(drawn.std() - 1) < 0.2


def test_a_dropped_image_is_scaled_and_scored_as_python_does(make_site, open_page, tmp_path):
    site = make_site()
    path = tmp_path / "photo.png"
    path.write_bytes(_photo(53, 31, "RGBA"))
    page = open_page(site.url)
    before = page.get_attribute("#mse", "value")
    _drop(page, path)
    _until_scored(page, before)
    wanted = read_image(path, size=(8, 8), channels=1)
    assert np.abs(_canvas(page, "seen")[..., 0].astype(int) - wanted).max() <= 1
    seen = _canvas(page, "seen")[..., :1].transpose(2, 0, 1).astype(np.float32) / 255
    residual = site.decode(site.code(seen)) - seen
    mse = float(np.mean(residual.astype(np.float64) ** 2))
    assert float(page.get_attribute("#mse", "value")) == pytest.approx(mse, rel=1e-4)
    assert float(page.get_attribute("#psnr", "value")) == pytest.approx(-10 * np.log10(mse), rel=1e-4)
    assert page.inner_text("#residual-scale").startswith("±")
    assert float(page.inner_text("#residual-scale")[1:]) == pytest.approx(np.abs(residual).max(), rel=0.06)


@pytest.mark.parametrize("size", [(8, 8), (5, 3), (100, 11), (203, 150)])
def test_a_chosen_colour_image_is_seen_as_training_sees_it(make_site, open_page, tmp_path, size):
    site = make_site(**_dense((3, 7, 9), 4))
    path = tmp_path / "photo.png"
    path.write_bytes(_photo(*size, "RGB"))
    page = open_page(site.url)
    before = page.get_attribute("#mse", "value")
    page.set_input_files("#file", path)
    _until_scored(page, before)
    difference = np.abs(_canvas(page, "seen")[..., :3].astype(int) - read_image(path, size=(7, 9), channels=3))
    assert difference.max() <= 1


def test_what_is_no_image_is_said_and_the_page_goes_on(make_site, open_page, tmp_path):
    path = tmp_path / "notes.png"
    path.write_text("not an image")
    page = open_page(make_site().url)
    page.set_input_files("#file", path)
    page.wait_for_selector("#failure")
    assert "notes.png is not an image" in page.inner_text("#failure")
    path.write_bytes(_photo(8, 8, "L"))
    page.set_input_files("#file", path)
    page.wait_for_selector("#failure", state="hidden")


def test_the_code_is_shown_with_its_standard_deviation(make_site, open_page):
    site = make_site()
    page = open_page(site.url)
    heads = site.run("encoder", site.images()[:1])
    for k, item in enumerate(page.locator("#code li").all_inner_texts()):
        value, deviation = re.fullmatch(r"z\d+\s+(\S+) ± (\S+)", item).groups()
        assert float(value.replace("−", "-")) == pytest.approx(heads["mean"][0, k], abs=0.0051)
        assert float(deviation) == pytest.approx(np.exp(heads["log_variance"][0, k] / 2), abs=0.0051)


def test_without_a_prior_the_ranges_are_those_of_the_codes(make_site, open_page):
    site = make_site("undercomplete")
    page = open_page(site.url)
    codes = site.run("encoder", site.images())["latent"]
    for k in range(3):
        least, most = codes[:, k].min(), codes[:, k].max()
        margin = (most - least) / 4
        assert float(page.get_attribute(f"#z{k}", "min")) == pytest.approx(least - margin, rel=1e-4)
        assert float(page.get_attribute(f"#z{k}", "max")) == pytest.approx(most + margin, rel=1e-4)
    assert page.inner_text("#random") == "random code"
    page.click("#zero")
    _assert_shows(page, "decoded", site.decode([0, 0, 0]))


def test_of_a_wide_code_the_dimensions_that_differ_most_get_sliders(make_site, open_page):
    site = make_site("undercomplete", **_dense((1, 8, 8), 100))
    page = open_page(site.url)
    codes = site.run("encoder", site.images())["latent"]
    spread = np.ptp(codes, axis=0)
    wanted = sorted(int(k) for k in np.argsort(-spread)[:32])
    shown = page.eval_on_selector_all("#sliders input", "inputs => inputs.map((input) => Number(input.id.slice(1)))")
    assert shown == wanted
    assert "Sliders for 32 of 100 dimensions" in page.inner_text("#range-note")
    _assert_shows(page, "decoded", site.decode(site.code(site.images()[0])))


def test_points_are_drawn_in_a_plane_and_picked_there(make_site, open_page):
    low, high = -1.5, 2.0
    site = make_site("points", input_range=(low, high))
    page = open_page(site.url)
    assert not page.is_visible("#drop")
    before = page.get_attribute("#mse", "value")
    _click_at(page, "#plane", 0.8, 0.3)
    _until_scored(page, before)
    least, most = low - 0.07 * (high - low), high + 0.07 * (high - low)
    point = np.array([[[least + share * (most - least) for share in (0.8, 0.3)]]])
    shown = [float(part.replace("−", "-")) for part in page.get_attribute("#plane", "aria-valuetext").split(", ")]
    assert shown == pytest.approx(list(point.ravel()), abs=0.02)
    page_y = page.get_attribute("#plane", "aria-valuetext").split(", ")[1]
    mse = np.mean((site.decode(site.code(point)) - point) ** 2)
    assert float(page.get_attribute("#mse", "value")) == pytest.approx(mse, rel=0.05)
    before = page.get_attribute("#mse", "value")
    page.keyboard.press("ArrowLeft")
    _until_scored(page, before)
    assert page.get_attribute("#plane", "aria-valuetext").split(", ")[1] == page_y


def test_the_pad_decodes_to_a_point(make_site, open_page):
    low, high = -1.5, 2.0
    site = make_site("points", input_range=(low, high))
    page = open_page(site.url)
    _click_at(page, "#pad", 0.9, 0.1)
    x, y = site.decode(_sliders(page)).ravel()
    least, most = low - 0.07 * (high - low), high + 0.07 * (high - low)
    picture = _canvas(page, "decoded")
    size = picture.shape[0]
    column = INSET + (x - least) / (most - least) * (size - 2 * INSET)
    row = size - INSET - (y - least) / (most - least) * (size - 2 * INSET)
    second = [0xB8, 0x5A, 0x10]  # --second of the light colours
    rows, columns = np.nonzero((picture[..., :3] == second).all(axis=2))
    assert (columns.mean(), rows.mean()) == pytest.approx((column, row), abs=2)


def test_a_test_vector_that_disagrees_is_said_in_red(make_site, open_page, forge):
    site = make_site()
    name = "test_data_set_0/decoder/output_0.pb"
    tensor = numpy_helper.from_array(_tensor(site.folder / name) + np.float32(0.25), "reconstruction")
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
    tensor = numpy_helper.from_array(_tensor(site.folder / name) + np.float32(shift), "reconstruction")
    forge(site.folder, name, tensor.SerializeToString())
    page = open_page(site.url, ready=False)
    assert page.inner_text("#check").startswith(f"Self-check {verdict}: largest difference 8.0e−4")
    assert precision in page.inner_text("#facts")


def test_vectors_written_as_float_data_are_read_too(make_site, open_page, forge):
    site = make_site()
    name = "test_data_set_0/encoder/input_0.pb"
    values = _tensor(site.folder / name)
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


@pytest.mark.parametrize("width", [320, 390, 1280])
def test_nothing_runs_off_the_side_of_the_screen(make_site, open_page, width):
    page = open_page(make_site(name="w" * 300).url)
    page.set_viewport_size({"width": width, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") == width


def test_every_control_has_a_name(make_site, open_page):
    page = open_page(make_site().url)
    nameless = page.evaluate(
        """() => [...document.querySelectorAll("main :is(button, input, select, canvas)")]
            .filter((part) => !part.closest("button:has(canvas)") || part.matches("button"))
            .filter((part) => !(part.getAttribute("aria-label") || part.labels?.length || part.textContent.trim()))
            .map((part) => part.outerHTML)"""
    )
    assert nameless == []


def _write_page(folder: Path, onnxruntime_web: Path | None) -> None:
    for name, content in web_files(read_manifest(folder), onnxruntime_web).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def _public_server(node_modules: Path, changed: str = "") -> Callable:
    """Answers for the public server from the npm package; the file ``changed`` with one other byte."""

    def answer(route, request) -> None:
        name = request.url.removeprefix(PUBLIC_RUNTIME.base)
        body = (node_modules / "onnxruntime-web" / "dist" / name).read_bytes()
        if name == changed:
            body = body[:-1] + bytes([body[-1] ^ 1])
        route.fulfill(body=body, headers={"Access-Control-Allow-Origin": "*", "Content-Type": "text/javascript"})

    return lambda page: page.route(f"{PUBLIC_RUNTIME.base}*", answer)


def _dense(shape: tuple[int, int, int], latent: int) -> dict[str, object]:
    """Subject with two dense layers for images of ``shape``."""
    torch.manual_seed(5)
    size = int(np.prod(shape))
    return {
        "encoder": nn.Sequential(nn.Flatten(), Heads({"latent": nn.Linear(size, latent)})),
        "decoder": nn.Sequential(nn.Linear(latent, size), nn.Sigmoid(), nn.Unflatten(1, shape)),
        "image_shape": shape,
        "latent_dim": latent,
        "variant": "undercomplete",
        "images": np.random.default_rng(2).random((256, *shape), dtype=np.float32),
    }


def _photo(width: int, height: int, mode: str) -> bytes:
    """A PNG with edges, gradients and noise."""
    random = np.random.default_rng(width)
    bands = PIL.Image.new(mode, (1, 1)).getbands()
    y, x = np.mgrid[0:height, 0:width]
    pixels = np.stack(
        [(x * 255 / width * (k % 2) + y * 160 / height + (x > width / 2) * 60) for k, _ in enumerate(bands)], -1
    )
    pixels = np.clip(pixels + random.normal(0, 25, pixels.shape), 0, 255).astype(np.uint8)
    if mode == "RGBA":
        pixels[..., 3] = np.where(
            x < width // 3, 0, 255
        )  # a clear third; half clear pixels are rounded by everybody's rule
    stored = io.BytesIO()
    PIL.Image.fromarray(pixels.squeeze(), mode).save(stored, "PNG")
    return stored.getvalue()


def _drop(page, path: Path) -> None:
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


def _until_scored(page, before: str) -> None:
    """Wait until another image is scored than that of error ``before``; the page's policy forbids wait_for_function."""
    deadline = time.monotonic() + 20
    while page.get_attribute("#mse", "value") == before:
        assert time.monotonic() < deadline, "nothing new was scored"
        page.wait_for_timeout(10)


def _click_at(page, selector: str, x: float, y: float) -> None:
    page.locator(selector).scroll_into_view_if_needed()
    box = page.locator(selector).bounding_box()
    inner = {side: box[side] - 2 * INSET for side in ("width", "height")}
    page.mouse.click(box["x"] + INSET + x * inner["width"], box["y"] + INSET + (1 - y) * inner["height"])


def _sliders(page) -> list[float]:
    return page.eval_on_selector_all("#sliders input", "inputs => inputs.map((input) => input.valueAsNumber)")


def _code_of_pad(page) -> list[float]:
    said = page.get_attribute("#pad", "aria-valuetext")
    return [float(part.split(" ")[1].replace("−", "-")) for part in said.split(", ")]


def _canvas(page, name: str) -> np.ndarray:
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


def _assert_shows(page, name: str, values: np.ndarray) -> None:
    """The canvas shows ``values`` ([1, H, W] in [0, 1]); one level is rounding."""
    picture = _canvas(page, name)
    assert picture[..., 3].min() == 255
    assert np.abs(picture[..., 0] - 255 * values[0].astype(np.float64)).max() <= 1


def _assert_stopped(page) -> None:
    assert not page.is_visible("main")
    assert page.get_attribute("#status", "data-state") == "bad"
    for label in ("error:", "why:", "do:"):
        assert label in page.inner_text("#failure")


def _tensor(path: Path) -> np.ndarray:
    return numpy_helper.to_array(onnx.TensorProto.FromString(path.read_bytes()))
