"""What a job's images are: their order, names, sizes, and what is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import PIL.Image
import pytest

from export.errors import ExitCode, ToolError
from trainer.inference.inputs import Inputs, open_inputs
from trainer.inference.models import Opened, open_bundle

from ..linear_bundles import linear_bundle


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Opened:
    """Takes gray images, 8 high and 6 wide."""
    folder = tmp_path_factory.mktemp("gray") / "gray"
    linear_bundle(folder)
    return open_bundle(str(folder), Path("runs"), "cpu")


@pytest.fixture(scope="module")
def points(tmp_path_factory: pytest.TempPathFactory) -> Opened:
    folder = tmp_path_factory.mktemp("points") / "points"
    linear_bundle(folder, (1, 1, 2), latent=2)
    return open_bundle(str(folder), Path("runs"), "cpu")


def image(path: Path, value: int = 0, size: tuple[int, int] = (6, 8), mode: str = "L") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    PIL.Image.new(mode, size, value if mode == "L" else (value,) * 3).save(path)
    return path


def inputs(opened: Opened, *paths: Path, limit: int | None = None, skip_bad: bool = False) -> Inputs:
    return open_inputs(paths, opened, limit=limit, skip_bad=skip_bad, say=lambda text: None)


def read(some: Inputs, size: int = 3) -> tuple[list[str], np.ndarray]:
    batches = list(some.batches(size))
    assert all(len(batch.numbers) <= size for batch in batches)
    numbers = [number for batch in batches for number in batch.numbers]
    assert numbers == sorted(set(numbers))
    return [some.name(number) for number in numbers], np.concatenate([batch.images for batch in batches])


def refused(opened: Opened, *paths: Path, **options: object) -> ToolError:
    with pytest.raises(ToolError) as caught:
        read(inputs(opened, *paths, **options))  # type: ignore[arg-type]
    return caught.value


def test_images_come_in_the_order_of_their_paths_whatever_the_batch(opened: Opened, tmp_path: Path) -> None:
    names = ["b/2.png", "a.png", "b/10.png", "c/d/e.png"]
    for value, name in enumerate(names):
        image(tmp_path / "folder" / name, value * 10)
    (tmp_path / "folder" / "notes.txt").write_text("not an image")
    image(tmp_path / "folder" / ".hidden.png")
    wanted = ["a.png", "b/10.png", "b/2.png", "c/d/e.png"]
    for size in (1, 2, 3, 100):
        found, pixels = read(inputs(opened, tmp_path / "folder"), size)
        assert found == wanted
        assert pixels.shape == (4, 1, 8, 6)
        np.testing.assert_allclose(pixels[:, 0, 0, 0] * 255, [10, 20, 0, 30], atol=1e-4)


def test_several_inputs_keep_their_order_and_are_told_apart(opened: Opened, tmp_path: Path) -> None:
    image(tmp_path / "one/x.png", 1)
    image(tmp_path / "two/x.png", 2)
    np.save(tmp_path / "more.npy", np.full((3, 8, 6), 7, np.uint8))
    some = inputs(opened, tmp_path / "two", tmp_path / "more.npy", tmp_path / "one/x.png")
    found, pixels = read(some)
    assert found == ["two/x.png", "more-00", "more-01", "more-02", "one/x.png"]
    np.testing.assert_allclose(pixels[:, 0, 0, 0] * 255, [2, 7, 7, 7, 1], atol=1e-4)


def test_a_limit_takes_the_first_images(opened: Opened, tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", np.arange(5 * 48, dtype=np.uint8).reshape(5, 8, 6))
    image(tmp_path / "z.png", 9)
    for limit in (1, 4, 5, 6, 99):
        some = inputs(opened, tmp_path / "a.npy", tmp_path / "z.png", limit=limit)
        found, _ = read(some, 2)
        assert len(found) == len(some) == min(limit, 6)
    assert "--limit 0" in refused(opened, tmp_path / "a.npy", limit=0).what


def test_without_inputs_the_bundle_s_own_images_are_taken(opened: Opened) -> None:
    found, pixels = read(inputs(opened), 50)
    assert (found[0], found[-1]) == ("probe-00", "probe-63")
    np.testing.assert_array_equal(pixels, opened.probe().pixels())


@pytest.mark.parametrize(
    "array",
    [
        np.random.default_rng(0).integers(0, 256, (7, 8, 6), dtype=np.uint8),
        np.random.default_rng(0).random((7, 1, 8, 6)).astype(np.float32),
        np.random.default_rng(0).random((7, 8, 6, 1)),
        np.asfortranarray(np.random.default_rng(0).random((7, 8, 6))),
    ],
    ids=["uint8", "float32", "channels last", "Fortran order"],
)
@pytest.mark.parametrize("suffix", [".npy", ".npz"])
def test_arrays_are_read_as_training_reads_them(opened: Opened, tmp_path: Path, array: np.ndarray, suffix: str) -> None:
    path = tmp_path / f"x{suffix}"
    if suffix == ".npy":
        np.save(path, array)
    else:
        np.savez_compressed(path, images=array)
    _, pixels = read(inputs(opened, path))
    wanted = array / 255 if array.dtype == np.uint8 else array
    np.testing.assert_allclose(pixels, wanted.reshape(7, 1, 8, 6), atol=1e-7)
    assert pixels.dtype == np.float32


def test_files_of_other_sizes_are_scaled_and_that_is_said_once(opened: Opened, tmp_path: Path) -> None:
    for name in ("a.png", "b.png"):
        image(tmp_path / name, 100, (60, 80), "RGB")
    image(tmp_path / "c.png", 100)
    said: list[str] = []
    some = open_inputs([tmp_path], opened, limit=None, skip_bad=False, say=said.append)
    _, pixels = read(some)
    np.testing.assert_allclose(pixels, 100 / 255, atol=1e-6)
    assert len(said) == 1
    assert "60×80" in said[0]
    assert "6×8" in said[0]


def test_arrays_of_another_shape_are_not_scaled_and_both_shapes_are_named(opened: Opened, tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", np.zeros((5, 3, 32, 32), np.uint8))
    error = refused(opened, tmp_path / "x.npy")
    assert error.exit_code == ExitCode.USAGE
    assert "[5, 3, 32, 32]" in error.what
    assert "[n, 1, 8, 6]" in error.what


@pytest.mark.parametrize(
    ("value", "says"), [(255.0, "outside [0, 1]"), (-0.1, "outside [0, 1]"), (np.nan, "not a number")]
)
@pytest.mark.parametrize("suffix", [".npy", ".npz"])
def test_floats_that_are_no_pixels_are_refused(
    opened: Opened, tmp_path: Path, value: float, says: str, suffix: str
) -> None:
    array = np.zeros((9, 8, 6), np.float32)
    array[7, 2, 2] = value
    path = tmp_path / f"x{suffix}"
    if suffix == ".npy":
        np.save(path, array)
    else:
        np.savez(path, images=array)
    error = refused(opened, path)
    assert error.exit_code == ExitCode.USAGE
    assert says in error.what
    assert "image 7" in error.what


def test_an_unreadable_file_is_named_or_skipped(opened: Opened, tmp_path: Path) -> None:
    image(tmp_path / "a.png", 1)
    (tmp_path / "b.png").write_bytes(image(tmp_path / "c.png", 3).read_bytes()[:40])
    error = refused(opened, tmp_path)
    assert error.exit_code == ExitCode.DAMAGED
    assert "b.png" in error.what
    assert "--skip-bad" in error.do
    some = inputs(opened, tmp_path, skip_bad=True)
    found, pixels = read(some)
    assert found == ["a.png", "c.png"]
    np.testing.assert_allclose(pixels[:, 0, 0, 0] * 255, [1, 3], atol=1e-4)
    assert [name for name, _ in some.skipped] == ["b.png"]


def test_what_is_no_image_is_refused(opened: Opened, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("")
    (tmp_path / "empty").mkdir()
    for path, says in (("gone.png", "nothing at"), ("notes.txt", "neither"), ("empty", "no images")):
        error = refused(opened, tmp_path / path)
        assert error.exit_code == ExitCode.USAGE
        assert says in error.what


def test_the_same_input_twice_is_refused(opened: Opened, tmp_path: Path) -> None:
    image(tmp_path / "a.png")
    assert "twice" in refused(opened, tmp_path, tmp_path / "a.png").what


def test_pictures_have_names_of_their_own(opened: Opened, tmp_path: Path) -> None:
    for name in ("cat.png", "cat.bmp", "dog.bmp", "s/dog.png"):
        image(tmp_path / name)
    some = inputs(opened, tmp_path)
    assert [some.picture(number) for number in range(4)] == ["cat.bmp.png", "cat.png.png", "dog.png", "s/dog.png"]


def test_points_are_arrays_of_any_finite_numbers(points: Opened, tmp_path: Path) -> None:
    array = np.array([[0.5, -90], [2, 1e6]], np.float64)
    np.save(tmp_path / "x.npy", array)
    _, found = read(inputs(points, tmp_path / "x.npy"))
    np.testing.assert_array_equal(found.reshape(2, 2), array.astype(np.float32))
    np.save(tmp_path / "inf.npy", np.array([[0, np.inf]]))
    assert "not a number" in refused(points, tmp_path / "inf.npy").what
    np.save(tmp_path / "bytes.npy", np.zeros((3, 2), np.uint8))
    assert "bytes" in refused(points, tmp_path / "bytes.npy").what
    assert "picture" in refused(points, image(tmp_path / "a.png")).what
    np.save(tmp_path / "three.npy", np.zeros((3, 3), np.float32))
    assert "[n, 2]" in refused(points, tmp_path / "three.npy").what
