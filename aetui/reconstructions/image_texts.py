"""What is said about a page of images: the line above the pictures, the facts beside one, the table that is copied."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from aetui.follow.entries import Entry
from aetui.paint.cells import DEFAULT
from aetui.paint.colours import quiet_colour
from aetui.paint.image_facts import Line
from aetui.paint.look import Look
from aetui.paint.points import point_text
from aetui.reconstructions.measures import MEASURES, measure, written
from aetui.reconstructions.picking import Order
from aetui.reconstructions.shelves import ImagePage, Result


def info_line(
    page: ImagePage, subjects: Sequence[Entry], results: Sequence[Result], order: Order, left_out: str, *, unicode: bool
) -> str:
    """Which images these are, of what, and how well they are made. left_out: which runs are not
    shown, in words."""
    first, count = int(np.flatnonzero(page.all == page.places[0])[0]) + 1, len(page.places)
    thing = "point" if page.shown.points else "image"
    which = f"{thing}s {first}-{first + count - 1}" if count > 1 else f"{thing} {first}"
    parts = [f"{which} of {len(page.all)}"]
    if len(page.all) < len(page.shown.x):
        parts.append(f"class {page.classes[int(page.all[0])]}")
    if order != "stored":
        parts.append(f"{order} first")
    if len(results) == 1:
        made = results[0].made
        parts += [left_out] if left_out else []
        parts.append("bundle" if subjects[0].state == "bundle" else f"step {made.step if made else '?'}")
        parts.append(f"mean {written(page.measure, page.mean(made) if made is not None else math.nan)}")
        if page.shown.noise is None and not left_out:
            parts.append(f"the network sees {'it' if count == 1 else 'them'} clean")
    else:
        parts.append(left_out or f"{len(results)} runs")
        parts.append(f"{'★' if unicode else '*'} best of each {thing}")
    return ", ".join(parts)


def noise_texts(page: ImagePage, results: Sequence[Result], *, unicode: bool) -> tuple[str, str]:
    """What stands before and after the slider: the kind and level; the errors of what is seen and of what is made."""
    noise = page.shown.noise
    assert noise is not None
    letter = ("σ" if unicode else "sd") if noise.kind == "gaussian" else "p"
    means = [page.mean(result.made) for result in results if result.made is not None]
    known = [mean for mean in means if not math.isnan(mean)] or [math.nan]
    out = written(page.measure, min(known) if page.measure == "mse" else max(known))
    name = "best output" if len(means) > 1 else "output"
    seen = written(page.measure, page.mean_seen())
    return f"{noise.kind} {letter} {noise.level:.2f} ", f"corrupted {seen} {'→' if unicode else '->'} {name} {out}"


def image_facts(page: ImagePage, results: Sequence[Result], look: Look) -> list[Line]:
    """Everything that is known of the first image of the page."""
    quiet, image, x = quiet_colour(look), int(page.places[0]), page.x[:1]
    lines: list[Line] = [(f"{'point' if page.shown.points else 'image'} {image + 1} of {len(page.shown.x)}", DEFAULT)]
    if page.classes[image]:
        lines.append((f"class {page.classes[image]}", DEFAULT))
    if page.shown.points:
        lines.append((f"at {point_text(x[0])}", DEFAULT))
    seen = [("corrupted", quiet, page.seen()[:1])] if page.shown.noise is not None else []
    made = [(one.name, one.colour, one.made.x_hat[page.places[:1]]) for one in results if one.made is not None]
    brief = len(results) > 1
    for name, colour, pictures in [*seen, *made]:
        if not brief:
            lines.append(("", DEFAULT))
        lines.append((name, colour))
        if page.shown.points:
            lines.append((f"  {point_text(pictures[0])}  {written('mse', _of('mse', pictures, x))}", quiet))
        elif brief:
            values = [written(one, _of(one, pictures, x), room=0) for one in MEASURES]
            lines.append((f"  {values[0]}  {values[1]} dB  {values[2]}", quiet))
        else:
            lines += [(f"  {written(one, _of(one, pictures, x))}", quiet) for one in MEASURES]
    return lines


def error_table(page: ImagePage, names: Sequence[str], results: Sequence[Result]) -> str:
    """The errors of all images of the filter, a line per image, tabs between; the means in the last line."""
    made = [(name, result.made) for name, result in zip(names, results, strict=True) if result.made is not None]
    noisy = page.shown.noise is not None
    values = [one.values(page.measure, page.shown.x)[page.all] for _, one in made]
    means = [page.mean(one) for _, one in made]
    if noisy:
        values.insert(0, page.shown.values(page.measure)[page.all])
        means.insert(0, page.mean_seen())
    heads = ["image", "class", *["corrupted"] * noisy, *(name for name, _ in made)]
    lines = [
        [str(place + 1), page.classes[place], *(f"{value:.6g}" for value in row)]
        for place, row in zip(page.all.tolist(), np.stack(values, axis=1).tolist(), strict=True)
    ]
    last = [f"mean {page.measure}", "", *(f"{mean:.6g}" for mean in means)]
    return "\n".join("\t".join(line) for line in [heads, *lines, last])


def _of(name: str, pictures: np.ndarray, x: np.ndarray) -> float:
    return float(measure(name, pictures, x)[0])  # type: ignore[arg-type]
