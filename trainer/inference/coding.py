"""Images to codes, and codes to images, batch by batch."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator
from typing import Any

from export import atomic
from trainer.inference.arrays import CodeArchive, CodeArray, CodeStream, CodeTable
from trainer.inference.codes import Codes, picture_name
from trainer.inference.counting import counting
from trainer.inference.inputs import Inputs
from trainer.inference.models import Opened
from trainer.inference.outputs import Output, image_output


def write_codes(opened: Opened, inputs: Inputs, output: Output, *, batch_size: int) -> dict[str, Any]:
    """Every head of all images, in their order. Returns what the summary says. Raises ToolError, OSError."""
    heads = opened.bundle.manifest.heads
    images = 0
    with _code_output(opened, output) as stream, counting("encoding", len(inputs)) as done:
        for batch in inputs.batches(batch_size):
            stream.append([inputs.name(number) for number in batch.numbers], opened.model.encode(batch.images))
            images += len(batch.numbers)
            done(len(batch.numbers))
        kept = dict(list(heads.items())[:1]) if isinstance(stream, CodeArray) else heads
    return {
        "images": images,
        "heads": {name: list(shape) for name, shape in kept.items()},
        "output": str(output.path),
    }


def write_images(opened: Opened, codes: Codes, output: Output, *, batch_size: int, dtype: str) -> int:
    """What the decoder makes of all codes, in their order. Returns how many. Raises ToolError, OSError."""
    written = 0
    names = _AllPictures(codes, batch_size)
    with image_output(output, opened, names, dtype) as writer, counting("decoding", codes.count or 0) as done:
        for own, latent in codes.batches(batch_size):
            writer.add([picture_name(name) for name in own], opened.model.decode(latent))
            written += len(own)
            done(len(own))
    return written


class _AllPictures:
    """The names of all pictures, read only where somebody asks."""

    def __init__(self, codes: Codes, batch_size: int) -> None:
        self._codes, self._batch_size = codes, batch_size

    def __iter__(self) -> Iterator[str]:
        for names, _ in self._codes.batches(self._batch_size):
            yield from map(picture_name, names)


@contextlib.contextmanager
def _code_output(opened: Opened, output: Output) -> Iterator[CodeStream]:
    heads = opened.bundle.manifest.heads
    output.path.parent.mkdir(parents=True, exist_ok=True)
    with atomic.new_file(output.path) as file, contextlib.ExitStack() as stack:
        stream: CodeStream
        if output.kind == ".npy":
            stream = CodeArray(file, heads)
        elif output.kind == ".csv":
            stream = CodeTable(file, heads)
        else:
            # Beside the output, where there is room for it; without a name, so that nothing is left of them.
            parts = {
                name: stack.enter_context(tempfile.TemporaryFile(dir=output.path.parent)) for name in ("names", *heads)
            }
            stream = CodeArchive(file, heads, parts)
        yield stream
        stream.finish()
