"""``aetui --once``: what the UI would show, as plain text, and out again. No textual."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from typing import TextIO

import numpy as np

from aetui.engine.client import Engine
from aetui.follow.entries import Entry
from aetui.follow.log_cache import user_cache
from aetui.follow.sources import Sources
from aetui.follow.store import Store
from aetui.paint.cells import Cells, beside, blank, lines, put
from aetui.paint.images import paint_image
from aetui.paint.look import Look
from aetui.paint.points import are_points
from aetui.paint.text import clip
from aetui.probes import Images, corrupted, probe_of
from aetui.runs.columns import table
from aetui.terminal.outside_text import plain
from export.errors import ToolError

PICTURED_RUNS = 8
"""Pictures are drawn of so many runs, the newest; the table has them all."""

_IMAGES = 4
_MOST_ROWS = 14
_NO_LIMIT = 10_000
_PIPE_WIDTH = 100


def print_once(sources: Sources, out: TextIO, *, width: int | None, unicode: bool, provider: str) -> None:
    """Write the table of runs, then pictures of those with a model, at most ``width`` cells wide.

    width: None for a pipe: then names are not cut, and pictures are for 100 columns.
    unicode: ``out`` takes more than ASCII. Raises ToolError where a strict ``provider`` is not to be had; what else is
    wrong with a run is said in its place.
    """
    store = Store(sources, user_cache(os.environ))
    store.poll(all_runs=True)
    if not store.entries:
        folders = ", ".join(plain(str(folder), unicode=unicode) for folder in sources.folders)
        print(f"no runs in {folders}\ntrain one: aetrain fit", file=out)
        return
    for line in table(store.entries, width or _NO_LIMIT, unicode=unicode):
        print(line.rstrip(), file=out)
    asyncio.run(_print_pictures(store.entries, out, width or _PIPE_WIDTH, unicode, provider))


async def _print_pictures(entries: Sequence[Entry], out: TextIO, width: int, unicode: bool, provider: str) -> None:
    with_model = [entry for entry in entries if entry.model is not None]
    if not with_model:
        return
    engine = Engine(provider)
    provider_text = ""
    try:
        for entry in with_model[:PICTURED_RUNS]:
            print(file=out)
            picked, answered = await _pictures(engine, entry, width, unicode, strict=provider == "cuda")
            for line in picked:
                print(line.rstrip(), file=out)
            provider_text = answered or provider_text
    finally:
        await engine.stop()
    if provider_text:
        print(f"\nmodels run on {plain(provider_text, unicode=unicode)}", file=out)
    if len(with_model) > PICTURED_RUNS:
        print(f"{len(with_model) - PICTURED_RUNS} more runs have pictures: aetui RUN", file=out)


async def _pictures(engine: Engine, entry: Entry, width: int, unicode: bool, *, strict: bool) -> tuple[list[str], str]:
    """A heading, the inputs, and below them the reconstructions; and what the model ran on."""
    name = plain(entry.name, unicode=unicode)
    try:
        probe = probe_of(entry)
        x = probe.pixels()
        look = Look(pixels="characters", depth="mono", unicode=unicode)
        wide = max(1, (width + 2) // _IMAGES - 2)
        x = x[:_IMAGES]
        clip_noise = not are_points(probe.images)
        seen = corrupted(x, probe.index[: len(x)], *entry.corruption, clip=clip_noise) if entry.corruption else x
        answer = await engine.reconstruct(entry.model or entry.path, seen)
    except ToolError as error:
        if strict:
            raise
        return [clip(f"{name}: {plain(error.what, unicode=unicode)}", width)], ""
    x_hat = answer.arrays["reconstruction"]
    mse = ((x_hat - x) ** 2).mean(axis=(1, 2, 3))
    heading = f"{name}: test images, then what the network makes of them at step {answer.step}"
    rows = [_row(x, ["input"] * len(x), wide, look)]
    if entry.corruption:
        kind, level = entry.corruption
        rows.append(_row(seen, [f"{kind} {level:g}"] * len(x), wide, look))
    rows.append(_row(x_hat, [f"mse {value:.4f}" for value in mse], wide, look))
    return [clip(heading, width), *(line for row in rows for line in lines(row))], answer.provider_text


def _row(images: Images, captions: list[str], wide: int, look: Look) -> Cells:
    """Pictures side by side with captions below."""
    parts = []
    for image, caption in zip(images, captions, strict=True):
        drawn = paint_image(np.asarray(image), wide, _MOST_ROWS, look)
        cell = blank(drawn.rows + 1, max(drawn.columns, min(wide, len(caption))))
        cell.characters[: drawn.rows, : drawn.columns] = drawn.characters
        put(cell, drawn.rows, 0, caption)
        parts.append(cell)
    return beside(parts, gap=2)
