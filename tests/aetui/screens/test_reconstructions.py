"""Screen 3: what networks make of test images. The networks of ``make_run`` halve every image: MSE mean(x²)/4."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tomli_w
from textual.app import App
from textual.pilot import Pilot

from aetui.app import AetuiApp
from aetui.reconstructions.answers import Noise
from aetui.screens.reconstructions import ReconstructionsScreen
from aetui.views.pictures import PicturesView
from aetui.widgets.gallery import Gallery
from aetui.widgets.level_slider import LevelSlider
from export import atomic
from trainer.runs.folder import RunFolder
from trainer.runs.probe import Probe, write_probe

MakeRun = Callable[..., RunFolder]
Until = Callable[..., Awaitable[None]]
TextOf = Callable[[App[Any]], str]
Told = Callable[[AetuiApp], str]

Shown = Callable[..., contextlib.AbstractAsyncContextManager[tuple[AetuiApp, Pilot[int]]]]

SIZES = [(80, 24), (200, 60)]
NOISY = {"corruption": "masking", "level": 0.5}


def page_of(app: AetuiApp) -> ReconstructionsScreen:
    page = app.page()
    assert isinstance(page, ReconstructionsScreen)
    return page


def view_of(app: AetuiApp) -> PicturesView:
    return page_of(app).pictures()


def names_of(app: AetuiApp) -> list[str]:
    """The kinds of pictures that are shown."""
    return [shelf.name for shelf in view_of(app).query_one(Gallery).shelves]


def set_width(run: RunFolder, width: int) -> None:
    """Let the run's config say how wide its code is."""
    config = run.read_config()
    config["resolved"] = {**config["resolved"], "latent_dim": width}
    atomic.write_text(run.config, tomli_w.dumps(config))


@pytest.mark.parametrize("size", SIZES)
async def test_each_reconstruction_has_its_error_below_it(
    shown: Shown, make_run: MakeRun, until: Until, text_of: TextOf, size: tuple[int, int]
) -> None:
    make_run("a", live=True, step=42)
    async with shown(size) as (app, pilot):
        await pilot.press("3")
        # The i-th image has 4·i bright pixels of 64, and the network halves them.
        await until(pilot, lambda: all(f"{4 * i * 0.25 / 64:.4f}" in text_of(app) for i in (1, 2, 3)))
        assert "step 42" in text_of(app)
        assert names_of(app) == ["input", "reconstruction", "residual"]
        mean = np.mean([4 * i * 0.25 / 64 for i in range(1, 17)])
        assert f"mean mse {mean:.4f}" in text_of(app)
        assert "CPU" in text_of(app).splitlines()[-2]


async def test_the_reconstructions_follow_the_training_and_the_selection_stays(
    shown: Shown, make_run: MakeRun, until: Until, text_of: TextOf, publish_model: Callable[..., None]
) -> None:
    run = make_run("a", live=True, state="running", step=42)
    async with shown() as (app, pilot):
        await pilot.press("3")
        await until(pilot, lambda: "step 42," in text_of(app))
        await pilot.press("right", "right")
        await until(pilot, lambda: "step 42" in text_of(app) and "[#3" in text_of(app))
        publish_model(run, step=43, gain=1.0)
        await until(pilot, lambda: "mse 0.0000" in text_of(app) and "step 43" in text_of(app))
        assert "[#3" in text_of(app)


async def test_keys_go_through_all_images_and_not_beyond(
    shown: Shown, make_run: MakeRun, until: Until, text_of: TextOf
) -> None:
    make_run("a", live=True)
    async with shown() as (app, pilot):
        await pilot.press("3")
        await until(pilot, lambda: "images 1-" in text_of(app))
        study, per_row, per_page = page_of(app).study, view_of(app).per_row, view_of(app).per_page
        assert study.image == 0
        for key, image in (
            ("right", 1), ("left", 0), ("left", 0), ("down", per_row), ("up", 0), ("pagedown", per_page),
            ("pageup", 0), ("end", 15), ("right", 15), ("pagedown", 15), ("home", 0),
        ):  # fmt: skip
            await pilot.press(key)
            assert study.image == image, key
        await pilot.press("end")
        await until(pilot, lambda: "-16 of 16" in text_of(app) and "[#16" in text_of(app))


async def test_a_click_selects_an_image_and_another_one_shows_it_large(
    shown: Shown, make_run: MakeRun, until: Until, text_of: TextOf
) -> None:
    make_run("a", live=True)
    async with shown() as (app, pilot):
        await pilot.press("3")
        await until(pilot, lambda: "images 1-" in text_of(app))
        gallery = view_of(app).query_one(Gallery)
        assert gallery.way is not None
        row, column = gallery.way.corner(1, 2)
        await pilot.click(gallery, offset=(column + 1, row + 1))
        await until(pilot, lambda: "[#2" in text_of(app))
        await pilot.click(gallery, offset=(column + 1, row + 1))
        await until(pilot, lambda: "image 2 of 16" in text_of(app))
        assert page_of(app).study.large


async def test_jump_letters_lead_to_images(shown: Shown, make_run: MakeRun, until: Until, text_of: TextOf) -> None:
    make_run("a", live=True)
    async with shown() as (app, pilot):
        await pilot.press("3")
        await until(pilot, lambda: "images 1-" in text_of(app))
        gallery = view_of(app).query_one(Gallery)
        targets = gallery.jump_targets()
        assert len(targets) == view_of(app).per_page
        targets[1].go()
        await until(pilot, lambda: "[#2" in text_of(app))


@pytest.mark.parametrize("size", SIZES)
async def test_enter_shows_one_image_large_with_its_numbers_and_code(
    shown: Shown, make_run: MakeRun, until: Until, text_of: TextOf, size: tuple[int, int]
) -> None:
    make_run("a", live=True)
    async with shown(size) as (app, pilot):
        await pilot.press("3")
        await until(pilot, lambda: "images 1-" in text_of(app))
        small = view_of(app).query_one(Gallery).way
        await pilot.press("enter")
        await until(pilot, lambda: "code, 64 dimensions" in text_of(app))
        large = view_of(app).query_one(Gallery).way
        assert small is not None
        assert large is not None
        assert large.picture[0] >= small.picture[0]
        # 4 of 64 pixels are 0.5 off: the PSNR is 10 log10(64 / (4 · 0.25)).
        assert f"{10 * np.log10(64):.1f} dB" in text_of(app)
        await pilot.press("right")
        await until(pilot, lambda: "image 2 of 16" in text_of(app))
        await pilot.press("escape")
        await until(pilot, lambda: "images 1-" in text_of(app) and "[#2" in text_of(app))
        assert app.current_mode == "reconstructions"
        await pilot.press("escape")
        assert app.current_mode == "runs"


async def test_a_denoising_run_is_shown_what_it_was_trained_for_and_c_makes_it_clean(
    shown: Shown, make_run: MakeRun, until: Until, text_of: TextOf
) -> None:
    make_run("a", variant="denoising", live=True, options=NOISY)
    async with shown() as (app, pilot):
        await pilot.press("3")
        await until(pilot, lambda: "masking p 0.50" in text_of(app) and "corrupted" in names_of(app))
        assert view_of(app).query_one(LevelSlider).display
        await pilot.press("c")
        await until(pilot, lambda: "masking" not in text_of(app) and "sees them clean" in text_of(app))
        assert not view_of(app).query_one(LevelSlider).display
        await pilot.press("c")
        await until(pilot, lambda: "masking p 0.50" in text_of(app))


async def test_keys_move_the_level_and_both_errors_follow(
    shown: Shown, make_run: MakeRun, until: Until, text_of: TextOf
) -> None:
    make_run("a", variant="denoising", live=True, options=NOISY)
    async with shown((120, 40)) as (app, pilot):
        await pilot.press("3")
        await until(pilot, lambda: "masking p 0.50" in text_of(app))
        for key, level in (("full_stop", 0.51), ("comma", 0.5), ("greater_than_sign", 0.6), ("less_than_sign", 0.5)):
            await pilot.press(key)
            await until(pilot, lambda level=level: f"masking p {level:.2f}" in text_of(app))
        for _ in range(6):
            await pilot.press("greater_than_sign")
        # All pixels are masked: the mean error of both is that of nothing, the mean of x².
        ink = np.mean([4 * i / 64 for i in range(1, 17)])
        await until(pilot, lambda: f"corrupted mse {ink:.4f} → output mse {ink:.4f}" in text_of(app))
        for _ in range(11):
            await pilot.press("less_than_sign")
        await until(pilot, lambda: f"corrupted mse 0.0000 → output mse {ink / 4:.4f}" in text_of(app))


async def test_the_slider_can_be_dragged(shown: Shown, make_run: MakeRun, until: Until, text_of: TextOf) -> None:
    make_run("a", variant="denoising", live=True, options=NOISY)
    async with shown((120, 40)) as (app, pilot):
        await pilot.press("3")
        await until(pilot, lambda: "masking p 0.50" in text_of(app))
        slider = view_of(app).query_one(LevelSlider)
        left, wide = slider.track()
        await pilot.click(slider, offset=(left + wide - 1, 0))
        await until(pilot, lambda: "masking p 1.00" in text_of(app))
        await pilot.mouse_down(slider, offset=(left + wide // 2, 0))
        await pilot.hover(slider, offset=(left, 0))
        await pilot.mouse_up(slider, offset=(left, 0))
        await until(pilot, lambda: "masking p 0.00" in text_of(app))


async def test_k_changes_the_kind_and_n_the_draw(
    shown: Shown, make_run: MakeRun, until: Until, text_of: TextOf
) -> None:
    make_run("a", live=True)
    async with shown() as (app, pilot):
        await pilot.press("3", "k")
        for kind in ("gaussian σ 0.30", "masking p 0.30", "salt-pepper p 0.30", "gaussian σ 0.30"):
            await until(pilot, lambda kind=kind: kind in text_of(app))
            await pilot.press("k")
        await until(pilot, lambda: "masking" in text_of(app))
        before = np.array(view_of(app).query_one(Gallery).shelves[1].images)
        await pilot.press("n")
        await until(
            pilot, lambda: not np.array_equal(np.array(view_of(app).query_one(Gallery).shelves[1].images), before)
        )


async def test_space_plays_the_noise_and_its_pictures_are_an_animation(
    shown: Shown, make_run: MakeRun, until: Until, text_of: TextOf
) -> None:
    make_run("a", live=True)
    async with shown() as (app, pilot):
        await pilot.press("3")
        await until(pilot, lambda: "images 1-" in text_of(app))
        still = page_of(app).frames()
        assert still is not None
        assert len(still.images) == 1
        await pilot.press("space")
        levels: set[Noise | None] = set()
        await until(pilot, lambda: levels.add(page_of(app).noise()) or len(levels) > 5)
        moving = page_of(app).frames()
        assert moving is not None
        assert len(moving.images) > 5
        await pilot.press("space")
        await pilot.pause(0.3)
        level = page_of(app).noise()
        await pilot.pause(0.3)
        assert page_of(app).noise() == level
        assert not page_of(app).study.playing


async def test_o_sorts_by_error_and_f_filters_by_class(
    shown: Shown, make_run: MakeRun, until: Until, text_of: TextOf
) -> None:
    make_run("a", live=True)
    async with shown((120, 40)) as (app, pilot):
        await pilot.press("3")
        await until(pilot, lambda: "[#1 0]" in text_of(app))
        await pilot.press("o")
        await until(pilot, lambda: "worst first" in text_of(app) and "[#16 5]" in text_of(app))
        await pilot.press("o")
        await until(pilot, lambda: "best first" in text_of(app) and "[#1 0]" in text_of(app))
        await pilot.press("o", "f")
        await until(pilot, lambda: "images 1-2 of 2, class 0" in text_of(app) and "#11 0" in text_of(app))
        await pilot.press("f", "o")
        await until(pilot, lambda: "of 2, class 1, worst first" in text_of(app) and "[#12 1]" in text_of(app))
        await pilot.press("F")
        await until(pilot, lambda: "of 16, worst first" in text_of(app))


async def test_p_changes_the_measure_and_x_and_upper_x_the_residuals(
    shown: Shown, make_run: MakeRun, until: Until, text_of: TextOf
) -> None:
    make_run("a", live=True)
    async with shown((120, 40)) as (app, pilot):
        await pilot.press("3")
        await until(pilot, lambda: "mean mse" in text_of(app))
        await pilot.press("p")
        mean = np.mean([4 * i * 0.25 / 64 for i in range(1, 17)])
        await until(pilot, lambda: f"mean {-10 * np.log10(mean):.1f} dB" in text_of(app))
        await pilot.press("p")
        await until(pilot, lambda: "mean ssim 0." in text_of(app))
        await pilot.press("p", "x")
        await until(pilot, lambda: "residual" not in names_of(app) and "mean mse" in text_of(app))
        await pilot.press("x")
        await until(pilot, lambda: "residual" in names_of(app))
        limits = []
        for _ in range(5):
            limits.append(view_of(app).query_one(Gallery).shelves[-1].limit)
            await pilot.press("X")
            await pilot.pause(0.1)
        assert limits == [0.5, 1.0, 0.5, 0.2, 0.1]


@pytest.mark.parametrize("size", SIZES)
async def test_v_compares_the_variants_on_the_same_images(
    shown: Shown, make_run: MakeRun, until: Until, text_of: TextOf, size: tuple[int, int]
) -> None:
    for variant in ("variational", "denoising", "sparse", "undercomplete"):
        make_run(f"run-{variant}", variant=variant, live=True)
    async with shown(size) as (app, pilot):
        await pilot.press("3", "v")
        names = ["input", "undercomplete", "sparse", "denoising", "variational"]
        await until(pilot, lambda: names_of(app) == names)
        assert "4 runs" in text_of(app)
        assert text_of(app).count("0.0156") == 4
        await pilot.press("v")
        await until(pilot, lambda: names_of(app)[:2] == ["input", "reconstruction"])
        await pilot.press("tab")
        await until(pilot, lambda: names_of(app) == names)
        await pilot.press("shift+tab")
        await until(pilot, lambda: names_of(app)[:2] == ["input", "reconstruction"])


async def test_the_best_run_of_each_image_is_marked_and_marked_runs_are_compared(
    shown: Shown, make_run: MakeRun, until: Until, text_of: TextOf, publish_model: Callable[..., None]
) -> None:
    publish_model(make_run("same-good"), gain=0.9)
    publish_model(make_run("same-bad"), gain=0.2)
    make_run("other", variant="sparse", live=True)
    async with shown((120, 40)) as (app, pilot):
        for entry in app.entries:
            if entry.name.startswith("same"):
                app.selection.toggle_mark(entry.path)
        await pilot.press("3", "v")
        await until(pilot, lambda: sorted(names_of(app)) == ["bad", "good", "input"])
        best = {shelf.name: shelf.best for shelf in view_of(app).query_one(Gallery).shelves}
        assert best["bad"] == frozenset()
        assert best["good"] == frozenset(range(view_of(app).per_page))
        assert "★" in text_of(app)


async def test_runs_of_images_of_another_shape_are_left_out(
    shown: Shown, make_run: MakeRun, until: Until, text_of: TextOf
) -> None:
    make_run("a", live=True)
    other = make_run("b", variant="sparse", live=True)
    none = np.zeros(2, np.int64)
    write_probe(other.probe, Probe(images=np.zeros((2, 1, 5, 5), np.uint8), labels=none, index=none))
    async with shown() as (app, pilot):
        app.select(next(entry.path for entry in app.entries if entry.name == "a"))
        await pilot.press("3", "v")
        await until(pilot, lambda: names_of(app) == ["input", "undercomplete"])


async def test_d_compares_codes_of_different_widths_with_the_ground_truth_first(
    shown: Shown, make_run: MakeRun, until: Until, text_of: TextOf, publish_model: Callable[..., None]
) -> None:
    for width, gain in ((12, 0.9), (2, 0.1), (5, 0.5)):
        run = make_run(f"sweep-{width}")
        set_width(run, width)
        publish_model(run, gain=gain)
    async with shown((120, 40)) as (app, pilot):
        await until(pilot, lambda: all(entry.latent_dim for entry in app.entries))
        await pilot.press("3", "d")
        names = ["ground truth", "2 dimensions", "5 dimensions", "12 dimensions"]
        await until(pilot, lambda: names_of(app) == names)
        text = text_of(app)
        assert [text.index(name) for name in names] == sorted(text.index(name) for name in names)
        ink = np.mean([4 * i / 64 for i in range(1, 17)])
        for gain in (0.1, 0.5, 0.9):
            assert f"mse {(1 - gain) ** 2 * ink:.4f}" in text
        assert "mean mse" in text
        await pilot.press("d")
        await until(pilot, lambda: names_of(app)[:2] == ["input", "reconstruction"])


async def test_without_a_sweep_the_screen_tells_how_to_make_one(
    shown: Shown, make_run: MakeRun, until: Until, text_of: TextOf
) -> None:
    make_run("a", live=True)
    async with shown((120, 30)) as (app, pilot):
        await pilot.press("3", "d")
        await until(pilot, lambda: "aetrain sweep undercomplete --data digits --latent-dim 2 3" in text_of(app))
        assert view_of(app).copied() is None


async def test_the_next_run_is_shown_with_the_bracket_keys(
    shown: Shown, make_run: MakeRun, until: Until, text_of: TextOf
) -> None:
    make_run("a", live=True, step=1, started=1.0)
    make_run("b", live=True, step=2, started=2.0)
    async with shown() as (app, pilot):
        await pilot.press("3")
        await until(pilot, lambda: "step 2," in text_of(app))
        await pilot.press("right_square_bracket")
        await until(pilot, lambda: "step 1," in text_of(app))
        await pilot.press("left_square_bracket")
        await until(pilot, lambda: "step 2," in text_of(app))


async def test_r_changes_the_drawing_and_plus_and_minus_the_size(
    shown: Shown, make_run: MakeRun, until: Until, text_of: TextOf
) -> None:
    make_run("a", live=True)
    async with shown() as (app, pilot):
        await pilot.press("3")
        await until(pilot, lambda: "images 1-" in text_of(app))
        looks = {app.look}
        for _ in range(3):
            await pilot.press("r")
            await until(pilot, lambda: "mse" in text_of(app))
            looks.add(app.look)
        assert any(look.pixels == "characters" for look in looks)
        await pilot.press(*["plus"] * 24)
        await until(pilot, lambda: "image 1 of 16" in text_of(app))
        await pilot.press("minus")
        await until(pilot, lambda: "images 1-2 of 16" in text_of(app))


async def test_what_is_copied_is_a_table_of_all_errors(
    shown: Shown, make_run: MakeRun, until: Until, text_of: TextOf
) -> None:
    make_run("a", live=True)
    async with shown() as (app, pilot):
        await pilot.press("3")
        await until(pilot, lambda: "images 1-" in text_of(app))
        lines = [line.split("\t") for line in page_of(app).copied().splitlines()]
        assert lines[0] == ["image", "class", "a"]
        assert len(lines) == 18
        assert [float(line[2]) for line in lines[1:17]] == pytest.approx([4 * i * 0.25 / 64 for i in range(1, 17)])
        assert lines[17][0] == "mean mse"
        await pilot.press("c")
        await until(pilot, lambda: "corrupted" in names_of(app))
        assert page_of(app).copied().splitlines()[0].split("\t") == ["image", "class", "corrupted", "a"]


async def test_what_is_set_is_remembered(shown: Shown, make_run: MakeRun, until: Until, text_of: TextOf) -> None:
    make_run("a", live=True)
    async with shown() as (app, pilot):
        await pilot.press("3", "c", "k", "o", "p", "x", "right")
        await until(pilot, lambda: "masking" in text_of(app) and "worst first" in text_of(app))
        state = json.loads(json.dumps(page_of(app).view_state()))
    async with shown() as (app, pilot):
        app.state["reconstructions"] = state
        await pilot.press("3")
        await until(pilot, lambda: "masking" in text_of(app) and "worst first" in text_of(app))
        assert page_of(app).view_state() == state
        assert names_of(app) == ["input", "corrupted", "reconstruction"]
        await pilot.press("v")
        await until(pilot, lambda: "undercomplete" in names_of(app))
        state = page_of(app).view_state()
    async with shown() as (app, pilot):
        app.state["reconstructions"] = state
        await pilot.press("3")
        await until(pilot, lambda: "undercomplete" in names_of(app) and "masking" in text_of(app))


async def test_points_are_shown_as_dots_and_numbers(
    shown: Shown, make_run: MakeRun, until: Until, text_of: TextOf
) -> None:
    from export.live import write_live

    run = make_run("a")
    write_live(**point_model(), name="a", link=run.live)
    points = np.array([[0.5, -1.25], [2.0, 1.0], [-1.0, 0.25]], np.float32).reshape(3, 1, 1, 2)
    write_probe(run.probe, Probe(images=points, labels=np.array([0, 1, 0]), index=np.arange(3)))
    async with shown((120, 40)) as (app, pilot):
        await pilot.press("3")
        await until(pilot, lambda: "(0.50, -1.25)" in text_of(app))
        assert "points 1-3 of 3" in text_of(app)
        assert names_of(app) == ["input", "reconstruction", "together"]
        await pilot.press("k", "k", "k")
        await until(pilot, lambda: "gaussian" in text_of(app) and "noisy" in text_of(app))
        await pilot.press("enter")
        await until(pilot, lambda: "point 1 of 3" in text_of(app) and "at (0.50, -1.25)" in text_of(app))
        assert page_of(app).frames() is not None


def point_model() -> dict[str, Any]:
    """What ``write_live`` wants, for a network that gives points back as they are."""
    import torch
    from torch import nn

    from export.layers import Heads

    def same() -> nn.Linear:
        layer = nn.Linear(2, 2)
        with torch.no_grad():
            layer.weight.copy_(torch.eye(2))
            layer.bias.zero_()
        return layer

    return {
        "encoder": nn.Sequential(nn.Flatten(), Heads({"latent": same()})),
        "decoder": nn.Sequential(same(), nn.Unflatten(1, (1, 1, 2))),
        "variant": "undercomplete",
        "arch": "mlp",
        "data": "moons",
        "step": 1,
        "image_shape": (1, 1, 2),
        "latent_dim": 2,
    }


async def test_a_run_without_a_model_says_what_to_do(
    shown: Shown, make_run: MakeRun, until: Until, text_of: TextOf, runs_dir: Path
) -> None:
    make_run("a")
    make_run("young", state="running", started=1.0)
    async with shown() as (app, pilot):
        await pilot.press("3")
        await until(pilot, lambda: "from its last checkpoint: aetrain export" in text_of(app))
        app.select(runs_dir / "young")
        await until(pilot, lambda: "young: no model to look at yet; a run writes" in text_of(app))
        await pilot.press("v")
        await until(pilot, lambda: "aetrain fit trains all four" in text_of(app))


async def test_no_run_at_all_says_how_to_get_one(shown: Shown, until: Until, text_of: TextOf, runs_dir: Path) -> None:
    async with shown() as (app, pilot):
        await pilot.press("3")
        await until(pilot, lambda: "no run yet: press 1, then n, or aetrain fit" in text_of(app))
        for key in ("right", "enter", "c", "full_stop", "k", "o", "f", "x", "space", "plus", "end", "p", "n", "d", "v"):
            await pilot.press(key)
        assert app.is_running


async def test_a_damaged_model_is_said_and_the_screen_lives(
    shown: Shown, make_run: MakeRun, until: Until, text_of: TextOf, told: Told, publish_model: Callable[..., None]
) -> None:
    run = make_run("a", live=True)
    graph = run.live / "decoder.onnx"
    graph.write_bytes(graph.read_bytes()[:-1] + b"?")
    async with shown() as (app, pilot):
        await pilot.press("3")
        await until(pilot, lambda: "is damaged" in told(app))
        publish_model(run, step=101)
        await until(pilot, lambda: "0.0156" in text_of(app))


async def test_beside_a_damaged_model_the_others_are_shown(
    shown: Shown, make_run: MakeRun, until: Until, text_of: TextOf
) -> None:
    make_run("a", live=True)
    run = make_run("b", variant="sparse", live=True)
    graph = run.live / "decoder.onnx"
    graph.write_bytes(graph.read_bytes()[:-1] + b"?")
    async with shown((120, 40)) as (app, pilot):
        await pilot.press("3", "v")
        await until(pilot, lambda: names_of(app) == ["input", "undercomplete", "sparse"])
        assert "0.0156" in text_of(app)
        assert len(view_of(app).query_one(Gallery).shelves[2].images) == 0
        assert "is damaged: decoder.onnx has" in view_of(app).query_one(Gallery).shelves[2].note
        assert "★" not in text_of(app).replace("★ best", "")


@pytest.mark.parametrize(
    ("shape", "said"), [(None, "cannot be read"), ((0, 1, 8, 8), "no probe"), ((2, 1, 5, 5), "shape")]
)
async def test_probe_images_that_do_not_do_are_said(
    shown: Shown,
    make_run: MakeRun,
    until: Until,
    text_of: TextOf,
    shape: tuple[int, ...] | None,
    said: str,
) -> None:
    run = make_run("a", live=True)
    if shape is None:
        run.probe.write_bytes(b"no archive")
    else:
        none = np.zeros(shape[0], np.int64)
        write_probe(run.probe, Probe(images=np.zeros(shape, np.uint8), labels=none, index=none))
    async with shown((120, 30)) as (app, pilot):
        for key in "34":
            await pilot.press(key)
            await until(pilot, lambda: said in text_of(app))
