"""``aetrain verify``: is a bundle whole, and does it still compute what it did?"""

from __future__ import annotations

from pathlib import Path

from trainer.commands.arguments import AsJson


def verify(bundle: Path, /, *, json: AsJson = False) -> None:
    """Check a bundle: every hash, the ONNX checker, its own test vectors. Runs in a process of its own, without torch.

    Parameters
    ----------
    bundle
        Folder with encoder.onnx, decoder.onnx and manifest.json.
    """
    import dataclasses

    from export.verify import verify_in_subprocess
    from trainer.tables import print_json, print_table

    verdict = verify_in_subprocess(bundle)
    if json:
        print_json(dataclasses.asdict(verdict))
        return
    tests = verdict.self_test
    rows = [
        ["bundle", verdict.bundle],
        ["run", f"{verdict.name}, {verdict.variant} on {verdict.data}, step {verdict.step}"],
        ["files", f"{verdict.files} files, {verdict.bytes / 1e6:.2f} MB, every sha256 as listed"],
        ["graphs", "pass the ONNX checker"],
        ["self-test", _shown(tests) if tests else "none: live weights, not verified when they were written"],
    ]
    print_table(["checked", "found"], rows)


def _shown(self_test: dict[str, float]) -> str:
    return "largest difference: " + ", ".join(f"{name} {value:.2g}" for name, value in self_test.items())
