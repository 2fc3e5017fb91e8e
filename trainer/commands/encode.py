"""``aetrain encode``: images → codes."""

from __future__ import annotations

from pathlib import Path

from trainer.commands.batch_arguments import (
    AsJson,
    BatchSize,
    Bundle,
    Force,
    Images,
    Limit,
    Provider,
    RunsDir,
    SkipBad,
    at_least,
    tell_skipped,
)


def encode(
    bundle: Bundle,
    images: Images = (),
    /,
    *,
    output: Path,
    batch_size: BatchSize = 256,
    limit: Limit = None,
    skip_bad: SkipBad = False,
    provider: Provider = "auto",
    force: Force = False,
    runs_dir: RunsDir = Path("runs"),
    json: AsJson = False,
) -> None:
    """Write the codes of images, in their order.

    Parameters
    ----------
    output
        codes.npz or codes.csv: names and every head of the encoder; codes.npy: the code alone, float32 [n, d].
    """
    from trainer.inference.coding import write_codes
    from trainer.inference.inputs import open_inputs
    from trainer.inference.models import open_bundle
    from trainer.inference.outputs import check_output
    from trainer.progress import say
    from trainer.tables import print_json, print_table

    at_least("--batch-size", batch_size, 1, "a number of images")
    kinds = {".npz": "names and all heads", ".npy": "the code alone", ".csv": "names and all heads, as text"}
    target = check_output(output, kinds, force=force)
    opened = open_bundle(bundle, runs_dir, provider)
    inputs = open_inputs(images, opened, limit=limit, skip_bad=skip_bad, say=say)
    written = write_codes(opened, inputs, target, batch_size=batch_size)
    tell_skipped(inputs)
    if json:
        print_json({**opened.summary(), **written, "skipped": [name for name, _ in inputs.skipped]})
    else:
        print_table(["images", "heads", "output"], [[written["images"], _shown(written["heads"]), str(output)]])


def _shown(heads: dict[str, list[int]]) -> str:
    return ", ".join(f"{name} {shape}" for name, shape in heads.items())
