"""``aetrain encode``, ``decode``, ``reconstruct`` and ``denoise`` against the formulas of a linear model."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import PIL.Image
import pytest

from trainer import cli
from trainer.corruption import KINDS

from ..linear_bundles import Linear, linear_bundle
from .calling import printed

SHAPE = (1, 8, 6)
IMAGES = np.random.default_rng(0).integers(0, 256, (11, 8, 6), dtype=np.uint8)
X = (IMAGES / 255).reshape(11, 1, 8, 6)


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Linear:
    return linear_bundle(tmp_path_factory.mktemp("plain") / "plain", SHAPE)


@pytest.fixture(scope="module")
def variational(tmp_path_factory: pytest.TempPathFactory) -> Linear:
    return linear_bundle(tmp_path_factory.mktemp("vae") / "vae", SHAPE, variant="variational")


@pytest.fixture(scope="module")
def points(tmp_path_factory: pytest.TempPathFactory) -> Linear:
    return linear_bundle(tmp_path_factory.mktemp("points") / "points", (1, 1, 2), latent=2, variant="denoising")


def folder_of_images() -> Path:
    """The first four images as files, which sort in this order."""
    for number in range(4):
        path = Path("pictures") / ("a" if number < 2 else "b") / f"{number}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        PIL.Image.fromarray(IMAGES[number]).save(path)
    return Path("pictures")


@pytest.mark.parametrize("size", [1, 4, 1000])
def test_codes_are_those_of_the_model_whatever_the_batch(
    plain: Linear, capsys: pytest.CaptureFixture[str], size: int
) -> None:
    np.save("x.npy", IMAGES)
    summary = printed(capsys, "encode", plain.folder, "x.npy", "--output", "c.npy", "--batch-size", size)
    np.testing.assert_allclose(np.load("c.npy"), plain.code(X), atol=1e-5)
    assert summary["images"] == 11
    assert summary["heads"] == {"latent": [3]}


def test_an_npz_has_every_head_and_the_names(variational: Linear, capsys: pytest.CaptureFixture[str]) -> None:
    printed(capsys, "encode", variational.folder, folder_of_images(), "--output", "c.npz")
    with np.load("c.npz") as file:
        assert file["names"].tolist() == ["a/0.png", "a/1.png", "b/2.png", "b/3.png"]
        np.testing.assert_allclose(file["mean"], variational.code(X[:4]), atol=1e-5)
        assert file["log_variance"].shape == (4, 3)


@pytest.mark.parametrize("codes", ["c.npy", "c.npz", "c.csv"])
@pytest.mark.parametrize("bundle", ["plain", "variational"])
def test_what_was_encoded_is_decoded_to_the_reconstruction(
    request: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str], codes: str, bundle: str
) -> None:
    linear = request.getfixturevalue(bundle)
    np.save("x.npy", IMAGES)
    printed(capsys, "encode", linear.folder, "x.npy", "--output", codes)
    printed(capsys, "decode", linear.folder, codes, "--output", "y.npy", "--batch-size", 4)
    printed(capsys, "reconstruct", linear.folder, "x.npy", "--output", "z.npy")
    np.testing.assert_array_equal(np.load("y.npy"), np.load("z.npy"))
    np.testing.assert_allclose(np.load("y.npy"), linear.reconstruct(X), atol=1e-6)


def test_pictures_of_codes_carry_the_names_of_the_images(plain: Linear, capsys: pytest.CaptureFixture[str]) -> None:
    printed(capsys, "encode", plain.folder, folder_of_images(), "--output", "c.npz")
    printed(capsys, "decode", plain.folder, "c.npz", "--output", "out")
    found = np.asarray(PIL.Image.open("out/b/2.png"))
    np.testing.assert_array_equal(found, np.rint(plain.reconstruct(X[2:3])[0, 0] * 255))
    assert sorted(path.name for path in Path("out").rglob("*.png")) == ["0.png", "1.png", "2.png", "3.png"]


def test_bytes_are_written_where_they_are_asked_for(plain: Linear, capsys: pytest.CaptureFixture[str]) -> None:
    np.save("x.npy", IMAGES)
    printed(capsys, "reconstruct", plain.folder, "x.npy", "--output", "y.npy", "--dtype", "uint8")
    found = np.load("y.npy")
    assert found.dtype == np.uint8
    assert found.shape == (11, *SHAPE)
    np.testing.assert_allclose(found, plain.reconstruct(X) * 255, atol=0.51)


def test_the_mean_error_is_that_of_the_images(plain: Linear, capsys: pytest.CaptureFixture[str]) -> None:
    np.save("x.npy", IMAGES)
    summary = printed(capsys, "reconstruct", plain.folder, "x.npy", "--batch-size", 4)
    assert summary["mse"] == pytest.approx(plain.errors(X).mean(), rel=1e-5)
    assert summary["output"] is None


def test_pictures_show_both_sides_in_their_own_folders(plain: Linear, capsys: pytest.CaptureFixture[str]) -> None:
    printed(capsys, "reconstruct", plain.folder, folder_of_images(), "--output", "out", "--side-by-side")
    found = np.asarray(PIL.Image.open("out/a/1.png"))
    np.testing.assert_array_equal(found[:, :6], IMAGES[1])
    np.testing.assert_array_equal(found[:, -6:], np.rint(plain.reconstruct(X[1:2])[0, 0] * 255))


def test_a_bad_file_is_left_out_and_told(plain: Linear, capsys: pytest.CaptureFixture[str]) -> None:
    folder_of_images()
    Path("pictures/a/1.png").write_bytes(b"no picture")
    capsys.readouterr()
    summary = printed(capsys, "encode", plain.folder, "pictures", "--output", "c.npy", "--skip-bad")
    np.testing.assert_allclose(np.load("c.npy"), plain.code(X[[0, 2, 3]]), atol=1e-5)
    assert summary["images"] == 3
    assert summary["skipped"] == ["a/1.png"]


@pytest.mark.parametrize("kind", KINDS)
def test_noise_is_drawn_again_from_its_seed_whatever_the_batch(
    plain: Linear, capsys: pytest.CaptureFixture[str], kind: str
) -> None:
    np.save("x.npy", IMAGES)
    options = ("denoise", plain.folder, "x.npy", "--noise", kind, "--level", 0.4)
    first = printed(capsys, *options, "--batch-size", 3)
    assert printed(capsys, *options, "--batch-size", 11) == pytest.approx(first)
    assert printed(capsys, *options, "--seed", 1)["denoised_mse"] != first["denoised_mse"]


def test_masking_costs_what_its_formula_says(plain: Linear, capsys: pytest.CaptureFixture[str]) -> None:
    clean = np.random.default_rng(0).random((4000, 8, 6)).astype(np.float32)
    np.save("x.npy", clean)
    summary = printed(capsys, "denoise", plain.folder, "x.npy", "--noise", "masking", "--level", 0.25)
    # A masked pixel loses all of itself: E[m · x²] = p · E[x²], and x is uniform.
    assert summary["corrupted_mse"] == pytest.approx(0.25 / 3, rel=0.01)
    full = printed(capsys, "denoise", plain.folder, "x.npy", "--noise", "masking", "--level", 1)
    black = plain.reconstruct(np.zeros((1, *SHAPE)))
    assert full["denoised_mse"] == pytest.approx(((clean[:, np.newaxis] - black) ** 2).mean(), rel=1e-4)


def test_another_variant_denoises_too_and_is_told_so(plain: Linear, capsys: pytest.CaptureFixture[str]) -> None:
    np.save("x.npy", IMAGES)
    summary = printed(capsys, "denoise", plain.folder, "x.npy")
    assert summary["change_mse"] == pytest.approx(plain.errors(X).mean(), rel=1e-5)
    cli.run(["denoise", str(plain.folder), "x.npy"])
    assert "undercomplete" in capsys.readouterr().err


def test_pictures_of_denoising_show_what_the_network_saw(plain: Linear, capsys: pytest.CaptureFixture[str]) -> None:
    folder_of_images()
    options = ("--noise", "masking", "--level", 1, "--output", "out", "--side-by-side")
    printed(capsys, "denoise", plain.folder, "pictures", *options)
    found = np.asarray(PIL.Image.open("out/a/0.png"))
    np.testing.assert_array_equal(found[:, :6], IMAGES[0])
    assert (found[:, 8:14] == 0).all()


def test_points_go_through_every_command(points: Linear, capsys: pytest.CaptureFixture[str]) -> None:
    x = np.random.default_rng(1).normal(0, 3, (9, 2)).astype(np.float32)
    np.save("x.npy", x)
    printed(capsys, "encode", points.folder, "x.npy", "--output", "c.csv")
    printed(capsys, "decode", points.folder, "c.csv", "--output", "y.npy")
    wanted = points.reconstruct(x.reshape(9, 1, 1, 2))
    np.testing.assert_allclose(np.load("y.npy"), wanted, atol=1e-5)
    assert printed(capsys, "reconstruct", points.folder, "x.npy")["mse"] == pytest.approx(
        points.errors(x.reshape(9, 1, 1, 2)).mean(), rel=1e-5
    )
    summary = printed(capsys, "denoise", points.folder, "x.npy", "--noise", "gaussian", "--level", 2)
    assert summary["corrupted_mse"] == pytest.approx(4, rel=0.9)  # not clipped to [0, 1]
    printed(capsys, "score", points.folder, "x.npy")
