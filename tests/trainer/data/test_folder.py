import os
import time

import numpy as np
import PIL.Image
import pytest

from export.errors import ExitCode, ToolError
from trainer.data.folder import read_folder, read_image
from trainer.data.load import load

RNG = np.random.default_rng(3)


def paint(path, array, **options):
    """Save an array [H, W], [H, W, 2|3|4] as an image."""
    path.parent.mkdir(parents=True, exist_ok=True)
    PIL.Image.fromarray(array).save(path, **options)


def many(folder, count, shape=(6, 5), suffix=".png"):
    arrays = RNG.integers(0, 256, (count, *shape), dtype=np.uint8)
    for i, array in enumerate(arrays):
        paint(folder / f"{i:04}{suffix}", array)
    return arrays


def read(folder, size, channels):
    """(images, labels, classes)."""
    part = read_folder(folder, size, channels)
    return part.images, part.labels, part.classes


def test_sub_folders_are_classes(tmp_path):
    cats, dogs = many(tmp_path / "cat", 12), many(tmp_path / "dog/deeper", 13)
    loose = many(tmp_path, 1)
    (tmp_path / "empty").mkdir()
    (tmp_path / "README.md").write_text("no image")
    (tmp_path / ".hidden.png").write_text("no image either")
    images, labels, classes = read(tmp_path, None, None)
    assert classes == ("cat", "dog")
    np.testing.assert_array_equal(images[:, 0], np.concatenate([loose, cats, dogs]))
    np.testing.assert_array_equal(labels, [-1] + [0] * 12 + [1] * 13)
    data = load(str(tmp_path))
    assert data.name == tmp_path.name
    assert data.classes == classes
    assert len(data.train) + len(data.validation) + len(data.test) == 26


def test_without_sub_folders_there_are_no_labels(tmp_path):
    many(tmp_path, 10)
    _, labels, classes = read(tmp_path, None, None)
    assert classes == ()
    assert (labels == -1).all()


def test_a_class_may_be_a_link_but_a_loop_is_not_followed(tmp_path):
    many(tmp_path / "elsewhere", 2)
    many(tmp_path / "set/a", 2)
    (tmp_path / "set/b").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "set/a/loop").symlink_to(tmp_path / "set")
    _, labels, classes = read(tmp_path / "set", None, None)
    assert classes == ("a", "b")
    assert labels.tolist() == [0, 0, 1, 1]


def test_the_splits_do_not_depend_on_the_order_in_which_files_were_made(tmp_path):
    arrays = RNG.integers(0, 256, (30, 4, 4), dtype=np.uint8)
    for folder, order in (("one", range(30)), ("two", reversed(range(30)))):
        for i in order:
            paint(tmp_path / folder / f"{i:02}.png", arrays[i])
    one, two = load(str(tmp_path / "one")), load(str(tmp_path / "two"))
    np.testing.assert_array_equal(one.test.images, two.test.images)
    np.testing.assert_array_equal(one.train.images, two.train.images)


UPRIGHT = np.array([[10, 20, 30], [40, 50, 60]], np.uint8)
STORED = {
    1: UPRIGHT,
    2: UPRIGHT[:, ::-1],
    3: UPRIGHT[::-1, ::-1],
    4: UPRIGHT[::-1],
    5: UPRIGHT.T,
    6: np.rot90(UPRIGHT, 1),
    7: UPRIGHT[::-1, ::-1].T,
    8: np.rot90(UPRIGHT, -1),
}


@pytest.mark.parametrize("suffix", [".png", ".webp", ".tif"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_rotation_is_applied(tmp_path, orientation, suffix):
    """Orientation as the EXIF standard defines it: which side of the picture the first row and column are."""
    exif = PIL.Image.Exif()
    exif[0x0112] = orientation
    options = {"lossless": True} if suffix == ".webp" else {}
    paint(tmp_path / f"a{suffix}", np.ascontiguousarray(STORED[orientation]), exif=exif.tobytes(), **options)
    image = read_image(tmp_path / f"a{suffix}", channels=1)
    np.testing.assert_array_equal(image, UPRIGHT)


def test_a_rotated_jpeg_is_scaled_to_the_size_that_was_asked_for(tmp_path):
    exif = PIL.Image.Exif()
    exif[0x0112] = 6
    stored = np.zeros((400, 1200), np.uint8)
    stored[:, 600:] = 255  # the right half, which is the lower half once it is turned clockwise
    paint(tmp_path / "a.jpg", stored, exif=exif.tobytes(), quality=95)
    image = read_image(tmp_path / "a.jpg", (30, 10))
    assert image.shape == (30, 10)
    assert image[:14].max() < 10
    assert image[16:].min() > 245


@pytest.mark.parametrize("gray", [True, False])
def test_alpha_stands_on_black(tmp_path, gray):
    color = np.full((4, 4, 1 if gray else 3), 200, np.uint8)
    alpha = np.repeat(np.array([[0, 51, 102, 255]], np.uint8), 4, axis=0)[..., None]
    paint(tmp_path / "a.png", np.concatenate([color, alpha], axis=2))
    image = read_image(tmp_path / "a.png")
    assert image.shape == ((4, 4) if gray else (4, 4, 3))
    expected = np.array([0, 40, 80, 200])
    np.testing.assert_allclose(image[0] if gray else image[0, :, 0], expected, atol=1)


def test_a_transparent_palette_colour_is_black(tmp_path):
    image = PIL.Image.fromarray(np.arange(16, dtype=np.uint8).reshape(4, 4) % 2).convert("P")
    image.putpalette([255, 0, 0, 0, 255, 0])
    image.save(tmp_path / "a.png", transparency=0)
    pixels = read_image(tmp_path / "a.png")
    assert pixels[0].tolist() == [[0, 0, 0], [0, 255, 0]] * 2


def test_all_gray_is_one_channel_and_one_in_colour_makes_it_three(tmp_path):
    gray = many(tmp_path, 3)
    assert read(tmp_path, None, None)[0].shape == (3, 1, 6, 5)
    colour = RNG.integers(0, 256, (6, 5, 3), dtype=np.uint8)
    paint(tmp_path / "9.png", colour)
    images, _, _ = read(tmp_path, None, None)
    assert images.shape == (4, 3, 6, 5)
    np.testing.assert_array_equal(images[:3], np.repeat(gray[:, None], 3, axis=1))
    np.testing.assert_array_equal(images[3], colour.transpose(2, 0, 1))


def test_channels_convert_either_way(tmp_path):
    paint(tmp_path / "a.png", np.full((4, 4), 7, np.uint8))
    paint(tmp_path / "b.png", np.full((4, 4, 3), (255, 0, 0), np.uint8))
    gray, _, _ = read(tmp_path, None, 1)
    assert gray.shape == (2, 1, 4, 4)
    assert gray[1].tolist() == np.full((1, 4, 4), 76).tolist()  # ITU-R 601: red is 0.299 of the brightness
    colour, _, _ = read(tmp_path, None, 3)
    assert colour.shape == (2, 3, 4, 4)
    assert (colour[0] == 7).all()


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".bmp", ".gif", ".webp", ".tif", ".ppm", ".PNG", ".Jpeg"])
def test_every_format_is_read(tmp_path, suffix):
    paint(tmp_path / f"a{suffix}", np.full((8, 8, 3), (200, 40, 90), np.uint8))
    images, _, _ = read(tmp_path, None, 3)
    np.testing.assert_allclose(images[0, :, 0, 0], (200, 40, 90), atol=6)


def test_one_bit_and_sixteen_bits_become_eight(tmp_path):
    PIL.Image.fromarray(np.array([[0, 255], [255, 0]], np.uint8)).convert("1").save(tmp_path / "a.png")
    assert read_image(tmp_path / "a.png").tolist() == [[0, 255], [255, 0]]
    paint(tmp_path / "b.png", np.array([[0, 257, 128 * 257, 65535]], np.uint16))
    assert read_image(tmp_path / "b.png").tolist() == [[0, 1, 128, 255]]


def test_mixed_sizes_are_an_error_that_names_the_flag(tmp_path):
    paint(tmp_path / "a.png", np.zeros((4, 6), np.uint8))
    paint(tmp_path / "b.png", np.zeros((5, 6), np.uint8))
    with pytest.raises(ToolError, match=r"b\.png has 6×5 pixels, .*a\.png has 6×4") as caught:
        load(str(tmp_path))
    assert "--image-size" in caught.value.do
    assert caught.value.exit_code == ExitCode.USAGE


def test_image_size_brings_mixed_sizes_together(tmp_path):
    for i in range(12):
        paint(tmp_path / f"{i}.png", np.full((4 + i, 20 - i), 9 * i, np.uint8))
    data = load(str(tmp_path), image_size=8)
    assert data.image_shape == (1, 8, 8)
    assert sorted(
        set(data.train.images.ravel()) | set(data.test.images.ravel()) | set(data.validation.images.ravel())
    ) == [9 * i for i in range(12)]
    assert load(str(tmp_path), image_size=(3, 5), channels=3).image_shape == (3, 3, 5)


@pytest.mark.parametrize("size", [0, -1, 5000, (8, 0)])
def test_an_image_size_out_of_range_is_refused(tmp_path, size):
    with pytest.raises(ToolError, match="--image-size") as caught:
        load(str(tmp_path), image_size=size)
    assert caught.value.exit_code == ExitCode.USAGE


def test_a_folder_without_images_is_refused(tmp_path):
    (tmp_path / "a.txt").touch()
    with pytest.raises(ToolError, match="holds no images") as caught:
        load(str(tmp_path))
    assert caught.value.exit_code == ExitCode.USAGE


def whole_png(tmp_path):
    paint(tmp_path / "whole.png", RNG.integers(0, 256, (40, 40, 3), dtype=np.uint8))
    return (tmp_path / "whole.png").read_bytes()


@pytest.mark.parametrize("damage", ["empty", "rubbish", "half", "text", "32 bit", "eps", "fifo"])
def test_an_image_that_cannot_be_read_is_named(tmp_path, damage):
    data = whole_png(tmp_path)
    folder = tmp_path / "set"
    many(folder, 12)
    bad = folder / "bad.png"
    if damage == "fifo":
        os.mkfifo(bad)
    elif damage == "32 bit":
        bad = folder / "bad.tif"
        paint(bad, np.zeros((6, 5), np.float32))
    else:
        contents = {"empty": b"", "rubbish": data[:33] + bytes(100), "half": data[: len(data) // 2],
                    "text": b"<html></html>", "eps": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 5 6\n"}  # fmt: skip
        bad.write_bytes(contents[damage])
    with pytest.raises(ToolError, match=r"bad.* cannot be read") as caught:
        load(str(folder), image_size=8)
    assert str(bad) in caught.value.what
    assert caught.value.exit_code == ExitCode.DAMAGED


@pytest.mark.parametrize("side", [8200, 10_000, 14_000])
def test_a_png_bomb_is_refused_by_its_header(tmp_path, side):
    """8,200² is over our own limit, 10,000² makes Pillow warn and 14,000² makes it refuse."""
    small = PIL.Image.new("1", (side, side))
    small.save(tmp_path / "bomb.png")
    before = time.perf_counter()
    with pytest.raises(ToolError, match=r"bomb\.png cannot be read") as caught:
        load(str(tmp_path))
    assert time.perf_counter() - before < 1
    assert caught.value.exit_code == ExitCode.DAMAGED


def test_a_png_within_the_limit_that_shrinks_like_a_bomb_is_refused(tmp_path):
    PIL.Image.new("RGB", (6000, 6000)).save(tmp_path / "bomb.png")
    with pytest.raises(ToolError) as caught:
        load(str(tmp_path))
    assert "decompression bomb" in caught.value.why
