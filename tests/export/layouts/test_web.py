"""The page in a real browser, held against onnxruntime in Python on the same bundle."""

from __future__ import annotations

import io
import re

import numpy as np
import PIL.Image
import pytest
import torch
from torch import nn

from export.layers import Heads
from trainer.data.folder import read_image

from .looking import (
    INSET,
    assert_shows,
    canvas_of,
    click_at,
    drop_image,
    pad_values,
    slider_values,
    until_scored,
)


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
    code = slider_values(page)
    assert code == pytest.approx([0, 7 * 6 / 120, 0], abs=1e-6)
    assert_shows(page, "decoded", site.decode(code))


def test_a_slider_moved_by_the_mouse_decodes_what_python_decodes(make_site, open_page):
    site = make_site()
    page = open_page(site.url)
    page.click("#zero")
    box = page.locator("#z2").bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.9, box["y"] + box["height"] / 2, steps=8)
    page.mouse.up()
    code = slider_values(page)
    assert code[2] > 2
    assert_shows(page, "decoded", site.decode(code))


def test_the_pad_moves_its_two_dimensions_by_mouse_and_keys(make_site, open_page):
    site = make_site()
    page = open_page(site.url)
    page.click("#zero")
    page.select_option("#pad-x", "0")
    page.select_option("#pad-y", "2")
    click_at(page, "#pad", 0.75, 0.25)
    assert slider_values(page) == pytest.approx([1.5, 0, -1.5], abs=0.06)
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Shift+ArrowLeft")
    code = slider_values(page)
    assert code == pytest.approx([1.0, 0, -1.4], abs=0.06)
    assert page.get_attribute("#pad", "aria-valuetext").startswith("z0 1")
    exact = pad_values(page)
    assert_shows(page, "decoded", site.decode([exact[0], 0, exact[1]]))


def test_choosing_the_other_dimension_of_the_pad_exchanges_the_two(make_site, open_page):
    page = open_page(make_site().url)
    x, y = (page.input_value(f"#pad-{axis}") for axis in "xy")
    page.select_option("#pad-x", y)
    assert (page.input_value("#pad-x"), page.input_value("#pad-y")) == (y, x)


def test_from_the_image_gives_its_reconstruction(make_site, open_page):
    site = make_site()
    page = open_page(site.url)
    page.click("#zero")
    assert_shows(page, "decoded", site.decode([0, 0, 0]))
    before = page.get_attribute("#mse", "value")
    page.click("#thumbnails button:nth-child(4)")
    until_scored(page, before)
    page.click("#from-image")
    image = site.images()[3]
    assert_shows(page, "decoded", site.decode(site.code(image)))
    assert_shows(page, "seen", image)


def test_a_sample_from_the_prior_is_standard_normal(make_site, open_page):
    page = open_page(make_site().url)
    drawn = []
    for _ in range(100):
        page.click("#random")
        drawn += slider_values(page)
    drawn = np.array(drawn)  # 300 values: 4 standard errors are 0.23 for the mean, 0.16 for the deviation
    assert abs(drawn.mean()) < 0.25
    assert abs(drawn.std() - 1) < 0.2


def test_a_dropped_image_is_scaled_and_scored_as_python_does(make_site, open_page, tmp_path):
    site = make_site()
    path = tmp_path / "photo.png"
    path.write_bytes(_photo(53, 31, "RGBA"))
    page = open_page(site.url)
    before = page.get_attribute("#mse", "value")
    drop_image(page, path)
    until_scored(page, before)
    wanted = read_image(path, size=(8, 8), channels=1)
    assert np.abs(canvas_of(page, "seen")[..., 0].astype(int) - wanted).max() <= 1
    seen = canvas_of(page, "seen")[..., :1].transpose(2, 0, 1).astype(np.float32) / 255
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
    until_scored(page, before)
    difference = np.abs(canvas_of(page, "seen")[..., :3].astype(int) - read_image(path, size=(7, 9), channels=3))
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
    assert_shows(page, "decoded", site.decode([0, 0, 0]))


def test_of_a_wide_code_the_dimensions_that_differ_most_get_sliders(make_site, open_page):
    site = make_site("undercomplete", **_dense((1, 8, 8), 100))
    page = open_page(site.url)
    codes = site.run("encoder", site.images())["latent"]
    spread = np.ptp(codes, axis=0)
    wanted = sorted(int(k) for k in np.argsort(-spread)[:32])
    shown = page.eval_on_selector_all("#sliders input", "inputs => inputs.map((input) => Number(input.id.slice(1)))")
    assert shown == wanted
    assert "Sliders for 32 of 100 dimensions" in page.inner_text("#range-note")
    assert_shows(page, "decoded", site.decode(site.code(site.images()[0])))


def test_points_are_drawn_in_a_plane_and_picked_there(make_site, open_page):
    low, high = -1.5, 2.0
    site = make_site("points", input_range=(low, high))
    page = open_page(site.url)
    assert not page.is_visible("#drop")
    before = page.get_attribute("#mse", "value")
    click_at(page, "#plane", 0.8, 0.3)
    until_scored(page, before)
    least, most = low - 0.07 * (high - low), high + 0.07 * (high - low)
    point = np.array([[[least + share * (most - least) for share in (0.8, 0.3)]]])
    shown = [float(part.replace("−", "-")) for part in page.get_attribute("#plane", "aria-valuetext").split(", ")]
    assert shown == pytest.approx(list(point.ravel()), abs=0.02)
    page_y = page.get_attribute("#plane", "aria-valuetext").split(", ")[1]
    mse = np.mean((site.decode(site.code(point)) - point) ** 2)
    assert float(page.get_attribute("#mse", "value")) == pytest.approx(mse, rel=0.05)
    before = page.get_attribute("#mse", "value")
    page.keyboard.press("ArrowLeft")
    until_scored(page, before)
    assert page.get_attribute("#plane", "aria-valuetext").split(", ")[1] == page_y


def test_the_pad_decodes_to_a_point(make_site, open_page):
    low, high = -1.5, 2.0
    site = make_site("points", input_range=(low, high))
    page = open_page(site.url)
    click_at(page, "#pad", 0.9, 0.1)
    x, y = site.decode(slider_values(page)).ravel()
    least, most = low - 0.07 * (high - low), high + 0.07 * (high - low)
    picture = canvas_of(page, "decoded")
    size = picture.shape[0]
    column = INSET + (x - least) / (most - least) * (size - 2 * INSET)
    row = size - INSET - (y - least) / (most - least) * (size - 2 * INSET)
    second = [0xB8, 0x5A, 0x10]  # --second of the light colours
    rows, columns = np.nonzero((picture[..., :3] == second).all(axis=2))
    assert (columns.mean(), rows.mean()) == pytest.approx((column, row), abs=2)


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
