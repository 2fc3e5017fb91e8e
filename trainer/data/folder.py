"""Images from a folder; a sub-folder is a class. Decoded in threads: Pillow frees the GIL."""

from __future__ import annotations

import contextlib
import os
import warnings
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from export.errors import ToolError
from trainer.data.limits import MAX_IMAGE_PIXELS, check_memory, check_ratio, damaged
from trainer.data.split import Part

if TYPE_CHECKING:
    from PIL.Image import Image

SUFFIXES = frozenset(
    {".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp", ".tif", ".tiff", ".ppm", ".pgm", ".pbm", ".pnm"}
)
"""What counts as an image; other files are left alone."""

_FORMATS = ("PNG", "JPEG", "BMP", "GIF", "WEBP", "TIFF", "PPM")
"""What Pillow may try, whatever the suffix says: its other readers (EPS runs a program) are none of our business."""


def read_folder(folder: Path, size: tuple[int, int] | None, channels: int | None) -> Part:
    """The images uint8 [n, C, H, W] with their labels (−1 for none) and classes, in the order of the paths.

    The class of an image is the sub-folder that it lies in, at any depth; images beside the sub-folders have none.
    EXIF rotation is applied, alpha stands on black, 16 bits become 8. size: (height, width) to which every image is
    scaled as a whole; None: as they are. channels: 1 or 3; None: 1 where all images are gray, else 3.
    Raises ToolError: exit 2 for no image or mixed sizes, 3 for an image that cannot be read; OSError.
    """
    paths = find_images(folder)
    if size is not None:
        check_memory(folder, len(paths) * size[0] * size[1] * (channels or 1))
    images = _stack(_decode_all(paths, size, channels, folder))
    owners = [_class_of(path, folder) for path in paths]
    classes = sorted({owner for owner in owners if owner is not None})
    number = {name: i for i, name in enumerate(classes)}
    labels = np.array([-1 if owner is None else number[owner] for owner in owners], np.int64)
    return Part(images=images, labels=labels, classes=tuple(classes))


def read_image(path: Path, size: tuple[int, int] | None = None, channels: int | None = None) -> npt.NDArray[np.uint8]:
    """One image as uint8 [H, W] (gray) or [H, W, 3] (RGB); options as in ``read_folder``. Raises ToolError (exit 3)."""
    return read_sized_image(path, size, channels)[0]


def read_sized_image(
    path: Path, size: tuple[int, int] | None = None, channels: int | None = None
) -> tuple[npt.NDArray[np.uint8], tuple[int, int]]:
    """(``read_image``, the (height, width) that it has in its file). Raises ToolError (exit 3)."""
    import PIL.Image

    if not path.is_file():  # a FIFO would block for ever
        raise damaged(path, "it is not a regular file")
    try:
        # From a file, not a path: Pillow 13 maps an uncompressed TIFF with width and height exchanged if it is turned.
        with path.open("rb") as file, PIL.Image.open(file, formats=_FORMATS) as image:
            width, height = image.size
            if width * height > MAX_IMAGE_PIXELS:
                raise ValueError(f"{width}×{height} pixels are more than {MAX_IMAGE_PIXELS:,}")
            check_ratio(path, width * height * len(image.getbands()), path.stat().st_size)
            if size is not None:
                # A large JPEG is decoded at a half, a quarter or an eighth. Before its rotation, hence the longer side.
                image.draft(None, (max(size), max(size)))
            return _convert(image, size, channels), (height, width)
    except ToolError:
        raise
    except Exception as error:  # Pillow's readers raise nearly every kind of exception on damaged files
        raise damaged(
            path, str(error) or type(error).__name__, do="repair the image, or take it out of the folder"
        ) from error


def find_images(folder: Path) -> list[Path]:
    """Every image below ``folder``, in the order of their paths, whatever the file system's is.

    Raises ToolError (exit 2) where there is none; OSError.
    """
    found = list(_walk(folder))
    for entry in folder.iterdir():
        # A class may be a link; deeper links are not followed, they can be loops.
        if entry.is_symlink() and entry.is_dir() and not entry.name.startswith("."):
            found += _walk(entry)
    if not found:
        raise ToolError(
            f"{folder} holds no images",
            why=f"neither it nor a sub-folder has a file that ends in {', '.join(sorted(SUFFIXES))}",
            do="check the path; a class is a sub-folder",
        )
    return sorted(found, key=lambda path: path.relative_to(folder).as_posix())


def _walk(folder: Path) -> Iterator[Path]:
    """Every image below ``folder``; hidden files and folders are left alone."""
    for root, folders, names in os.walk(folder, onerror=_raise):
        folders[:] = [name for name in folders if not name.startswith(".")]
        yield from (Path(root, name) for name in names if is_image(name))


def is_image(name: str) -> bool:
    """True for the name of a file that is taken for an image: by its suffix, and not a hidden one."""
    return not name.startswith(".") and os.path.splitext(name)[1].lower() in SUFFIXES


def _raise(error: OSError) -> None:
    raise error


def _class_of(path: Path, folder: Path) -> str | None:
    parts = path.relative_to(folder).parts
    return parts[0] if len(parts) > 1 else None


def _decode_all(
    paths: list[Path], size: tuple[int, int] | None, channels: int | None, folder: Path
) -> list[npt.NDArray[np.uint8]]:
    """The images in order, all of the same height and width."""
    images: list[npt.NDArray[np.uint8]] = []
    pool = ThreadPoolExecutor()
    with quiet_decoding():
        try:
            for path, image in zip(
                paths, pool.map(partial(read_image, size=size, channels=channels), paths), strict=True
            ):
                if not images:
                    check_memory(folder, len(paths) * image.size)
                elif image.shape[:2] != images[0].shape[:2]:
                    raise _mixed_sizes(paths[0], images[0], path, image)
                images.append(image)
        finally:
            pool.shutdown(cancel_futures=True)
    return images


@contextlib.contextmanager
def quiet_decoding() -> Iterator[None]:
    """What Pillow grumbles about and reads all the same is not shown; a decompression bomb is an error.

    Not for threads: the filters are the process's.
    """
    import PIL.Image

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.simplefilter("error", PIL.Image.DecompressionBombWarning)
        yield


def _mixed_sizes(path: Path, image: npt.NDArray[Any], other_path: Path, other: npt.NDArray[Any]) -> ToolError:
    sizes = [f"{found.shape[1]}×{found.shape[0]}" for found in (image, other)]
    return ToolError(
        f"{other_path} has {sizes[1]} pixels, {path} has {sizes[0]}",
        why="the images of a data set have one size",
        do="--image-size 64 scales every image to 64×64",
    )


def _stack(images: list[npt.NDArray[np.uint8]]) -> npt.NDArray[np.uint8]:
    """[H, W] and [H, W, 3] arrays as one [n, C, H, W]; C = 3 as soon as one is in colour."""
    channels = 3 if any(image.ndim == 3 for image in images) else 1
    stacked = np.empty((len(images), channels, *images[0].shape[:2]), np.uint8)
    for row, image in zip(stacked, images, strict=True):
        row[:] = image.transpose(2, 0, 1) if image.ndim == 3 else image
    return stacked


def _convert(image: Image, size: tuple[int, int] | None, channels: int | None) -> npt.NDArray[np.uint8]:
    from PIL import ImageOps
    from PIL.Image import Resampling

    flat = _flatten(ImageOps.exif_transpose(image))
    if channels is not None:
        flat = flat.convert("L" if channels == 1 else "RGB")
    if size is not None and flat.size != (size[1], size[0]):
        flat = flat.resize((size[1], size[0]), Resampling.LANCZOS, reducing_gap=3.0)
    return np.array(flat)


def _flatten(image: Image) -> Image:
    """``image`` in mode L or RGB: alpha on black, 16 bits to 8."""
    import PIL.Image

    if image.mode.startswith("I;16"):
        return PIL.Image.fromarray(np.rint(np.asarray(image) / 257).astype(np.uint8))
    if image.mode in ("I", "F"):
        raise ValueError(f"its pixels have 32 bits (mode {image.mode}), whose black and white nobody knows")
    gray = image.mode in ("1", "L", "LA", "La")
    if image.has_transparency_data:
        black = PIL.Image.new("RGBA", image.size, (0, 0, 0, 255))
        image = PIL.Image.alpha_composite(black, image.convert("RGBA"))
    return image.convert("L" if gray else "RGB")
