"""``aetrain encode``: images → codes."""

from __future__ import annotations

from pathlib import Path

from trainer.commands.batch_arguments import Bundle, Imaged, ImageOptions, Images, tell_skipped


def encode(
    bundle: Bundle,
    images: Images = (),
    /,
    *,
    output: Path,
    options: Imaged = ImageOptions(),  # noqa: B008 (frozen)
) -> None:
    """Write the codes of images, in their order.

    Parameters
    ----------
    output
        codes.npz or codes.csv: names and every head of the encoder; codes.npy: the code alone, float32 [n, d].
    """
    from trainer.inference.coding import write_codes
    from trainer.inference.outputs import check_output

    kinds = {".npz": "names and all heads", ".npy": "the code alone", ".csv": "names and all heads, as text"}
    target = check_output(output, kinds, force=options.force)
    opened = options.open(bundle)
    inputs = options.inputs(images, opened)
    written = write_codes(opened, inputs, target, batch_size=options.batch_size)
    summary = {**written, "skipped": tell_skipped(inputs)}
    table = {"images": written["images"], "heads": _shown(written["heads"]), "output": str(output)}
    options.show(opened, summary, table)


def _shown(heads: dict[str, list[int]]) -> str:
    return ", ".join(f"{name} {shape}" for name, shape in heads.items())
