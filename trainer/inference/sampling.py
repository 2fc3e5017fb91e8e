"""Images of codes drawn at random, on one sheet, as files, or in one array."""

from __future__ import annotations

import numpy as np

from export import atomic
from trainer.inference.counting import counting
from trainer.inference.draws import draw_codes
from trainer.inference.models import Opened
from trainer.inference.outputs import FOLDER, IMAGES, Output, image_output
from trainer.inference.pictures import check_sheet, comfortable_scale, magnified, png, sheet, to_bytes

KINDS = {".png": "all on one sheet", **IMAGES}


def write_samples(
    opened: Opened,
    output: Output,
    *,
    count: int,
    seed: int,
    temperature: float,
    from_codes: bool,
    batch_size: int,
    dtype: str,
    scale: int | None,
) -> None:
    """Draw, decode and write; options as in ``draw_codes``, scale as in ``magnified``. Raises ToolError, OSError."""
    codes = draw_codes(
        opened, count=count, seed=seed, temperature=temperature, from_codes=from_codes, batch_size=batch_size
    )
    with counting("sampling", count) as done:
        if output.kind == ".png":
            height, width = opened.image_shape[1:]
            factor = scale or comfortable_scale(height, width)
            check_sheet(count, factor * height, factor * width)
            images = []
            for latent in codes:
                images.append(to_bytes(opened.model.decode(latent)))
                done(len(latent))
            output.path.parent.mkdir(parents=True, exist_ok=True)
            atomic.write_bytes(output.path, png(sheet(magnified(np.concatenate(images), factor))))
            return
        digits = max(2, len(str(count - 1)))
        names = [f"sample-{number:0{digits}d}.png" for number in range(count)] if output.kind == FOLDER else []
        written = 0
        with image_output(output, opened, names, dtype) as writer:
            for latent in codes:
                writer.add(names[written : written + len(latent)], opened.model.decode(latent))
                written += len(latent)
                done(len(latent))
