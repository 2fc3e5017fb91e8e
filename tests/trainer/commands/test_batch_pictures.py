"""``aetrain sample`` and ``interpolate``: new images, and the way between old ones."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import PIL.Image
import pytest

from export.errors import ExitCode

from ..linear_bundles import Linear, linear_bundle
from .calling import printed, refused

SHAPE = (3, 8, 8)
TRAINING = np.random.default_rng(1).random((400, *SHAPE)).astype(np.float32)


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="module")
def variational(tmp_path_factory: pytest.TempPathFactory) -> Linear:
    return linear_bundle(tmp_path_factory.mktemp("vae") / "vae", SHAPE, variant="variational", training=TRAINING)


@pytest.fixture(scope="module")
def sparse(tmp_path_factory: pytest.TempPathFactory) -> Linear:
    return linear_bundle(tmp_path_factory.mktemp("sparse") / "sparse", SHAPE, variant="sparse", training=TRAINING)


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Linear:
    """Without scores, as the first bundles are."""
    return linear_bundle(tmp_path_factory.mktemp("bare") / "bare", SHAPE)


def sampled(capsys: pytest.CaptureFixture[str], linear: Linear, *options: object) -> np.ndarray:
    printed(capsys, "sample", linear.folder, "--output", "s.npy", "--force", *options)
    return np.load("s.npy")


def codes_of(linear: Linear, images: np.ndarray) -> np.ndarray:
    """The codes that these images were decoded from."""
    logits = np.log(images.astype(np.float64) / (1 - images)).reshape(len(images), -1) - linear.d
    return logits @ np.linalg.pinv(linear.c)


def test_samples_are_decoded_from_a_standard_normal(variational: Linear, capsys: pytest.CaptureFixture[str]) -> None:
    codes = codes_of(variational, sampled(capsys, variational, "--count", 4000))
    np.testing.assert_allclose(codes.mean(axis=0), 0, atol=0.07)
    np.testing.assert_allclose(np.cov(codes.T), np.eye(3), atol=0.1)


def test_samples_are_the_same_for_a_seed_and_cool_down(variational: Linear, capsys: pytest.CaptureFixture[str]) -> None:
    first = sampled(capsys, variational, "--count", 20, "--batch-size", 3)
    np.testing.assert_array_equal(sampled(capsys, variational, "--count", 20), first)
    assert not np.array_equal(sampled(capsys, variational, "--count", 20, "--seed", 1), first)
    half = codes_of(variational, sampled(capsys, variational, "--count", 20, "--temperature", 0.5))
    np.testing.assert_allclose(half, codes_of(variational, first) / 2, atol=1e-3)


def test_samples_like_the_codes_have_their_mean_and_covariance(
    variational: Linear, capsys: pytest.CaptureFixture[str]
) -> None:
    codes = codes_of(variational, sampled(capsys, variational, "--count", 4000, "--from-codes"))
    known = variational.code(TRAINING)
    np.testing.assert_allclose(codes.mean(axis=0), known.mean(axis=0), atol=0.05)
    np.testing.assert_allclose(np.cov(codes.T), np.cov(known.T), atol=0.03)


def test_samples_like_sparse_codes_are_not_negative(sparse: Linear, capsys: pytest.CaptureFixture[str]) -> None:
    codes = codes_of(sparse, sampled(capsys, sparse, "--count", 200, "--from-codes"))
    assert codes.min() > -1e-4


def test_what_has_no_prior_says_what_has_one(sparse: Linear, bare: Linear) -> None:
    error = refused("sample", sparse.folder, "--output", "s.png", code=ExitCode.USAGE)
    assert "variational" in error.why
    assert "--from-codes" in error.do
    assert (
        "export the run again"
        in refused("sample", bare.folder, "--output", "s.png", "--from-codes", code=ExitCode.USAGE).do
    )


def test_samples_stand_on_one_sheet_or_in_a_folder(variational: Linear, capsys: pytest.CaptureFixture[str]) -> None:
    printed(capsys, "sample", variational.folder, "--output", "s.png", "--count", 6, "--scale", 2)
    array = sampled(capsys, variational, "--count", 6, "--dtype", "uint8")
    shown = np.asarray(PIL.Image.open("s.png"))
    assert shown.shape == (2 * 16 + 2, 3 * 16 + 4, 3)
    np.testing.assert_array_equal(shown[18::2, 0:16:2].transpose(2, 0, 1), array[3])
    printed(capsys, "sample", variational.folder, "--output", "many", "--count", 6)
    assert sorted(path.name for path in Path("many").iterdir()) == [f"sample-0{i}.png" for i in range(6)]
    np.testing.assert_array_equal(np.asarray(PIL.Image.open("many/sample-03.png")).transpose(2, 0, 1), array[3])


@pytest.mark.parametrize("option", ["--count 0", "--temperature -1", "--seed -1", "--scale 0", "--dtype uint8"])
def test_options_of_sampling_out_of_range_are_refused(variational: Linear, option: str) -> None:
    assert (
        option.split()[0]
        in refused("sample", variational.folder, "--output", "s.png", *option.split(), code=ExitCode.USAGE).what
    )


def test_a_walk_is_straight_and_passes_every_station(variational: Linear, capsys: pytest.CaptureFixture[str]) -> None:
    summary = printed(capsys, "interpolate", variational.folder, 5, 0, 7, "--steps", 4, "--output", "w.npy")
    assert summary["images"] == 7
    with np.load(variational.folder / "probe.npz") as probe:
        a, b, c = variational.code(probe["images"][[5, 0, 7]] / 255)
    wanted = [a, a + (b - a) / 3, a + (b - a) * 2 / 3, b, b + (c - b) / 3, b + (c - b) * 2 / 3, c]
    np.testing.assert_allclose(np.load("w.npy"), variational.decode(np.array(wanted)), atol=1e-5)


def test_a_walk_on_a_great_circle_is_another(variational: Linear, capsys: pytest.CaptureFixture[str]) -> None:
    for path in ("linear", "slerp"):
        printed(capsys, "interpolate", variational.folder, 1, 2, "--path", path, "--output", f"{path}.npy")
    straight, round_ = np.load("linear.npy"), np.load("slerp.npy")
    np.testing.assert_allclose(straight[[0, -1]], round_[[0, -1]], atol=1e-5)
    assert np.abs(straight[4] - round_[4]).max() > 1e-5


def test_stations_may_be_files(variational: Linear, capsys: pytest.CaptureFixture[str]) -> None:
    with np.load(variational.folder / "probe.npz") as probe:
        PIL.Image.fromarray(probe["images"][9].transpose(1, 2, 0)).save("nine.png")
    printed(capsys, "interpolate", variational.folder, "nine.png", 3, "--output", "a.npy")
    printed(capsys, "interpolate", variational.folder, 9, 3, "--output", "b.npy")
    np.testing.assert_array_equal(np.load("a.npy"), np.load("b.npy"))


def test_a_walk_is_a_strip_or_a_film(variational: Linear, capsys: pytest.CaptureFixture[str]) -> None:
    options = ("interpolate", variational.folder, 1, 2, "--steps", 5, "--scale", 3, "--output")
    printed(capsys, *options, "w.png")
    printed(capsys, *options, "w.gif", "--frame-ms", 40)
    with PIL.Image.open("w.png") as strip:
        assert strip.size == (5 * 24 + 4 * 2, 24)
    with PIL.Image.open("w.gif") as film:
        assert film.size == (24, 24)
        assert film.n_frames == 8
        assert film.info["duration"] == 40


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("1 --output w.png", "two images"),
        ("1 64 --output w.png", "no image 64"),
        ("1 gone.png --output w.png", "nothing at gone.png"),
        ("1 2 --steps 1 --output w.png", "--steps 1"),
        ("1 2 --frame-ms 5 --output w.gif", "--frame-ms 5"),
        ("1 2 --frame-ms 50 --output w.png", "no effect"),
        ("1 2 --scale 2 --output w.npy", "no effect"),
        ("1 2 --output w.jpg", "no kind"),
    ],
)
def test_a_walk_that_leads_nowhere_is_refused(variational: Linear, words: str, says: str) -> None:
    assert says in refused("interpolate", variational.folder, *words.split(), code=ExitCode.USAGE).what
    assert not list(Path.cwd().iterdir())
