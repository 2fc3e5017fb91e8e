"""Reconstruct images with this bundle; needs numpy and onnxruntime, nothing else.

python infer.py                the probe images of the bundle
python infer.py images.npy     your own: [n, channels, height, width] (or [n, height, width]), uint8, or float in [0, 1]
"""

import json
import sys
from pathlib import Path

import numpy as np
import onnxruntime

BUNDLE = Path(__file__).resolve().parent.parent


def main() -> None:
    manifest = json.loads((BUNDLE / "manifest.json").read_text(encoding="utf-8"))
    encoder, decoder = (
        onnxruntime.InferenceSession(str(BUNDLE / name), providers=["CPUExecutionProvider"])
        for name in ("encoder.onnx", "decoder.onnx")
    )
    if len(sys.argv) > 1:
        images = np.load(sys.argv[1], allow_pickle=False)
    else:
        images = np.load(BUNDLE / "probe.npz", allow_pickle=False)["images"]
    if images.dtype == np.uint8:
        images = images / 255
    images = images.reshape(-1, *manifest["image_shape"]).astype(np.float32)

    heads = dict(zip(manifest["heads"], encoder.run(None, {"image": images}), strict=True))
    # The first head is the code. Where it is the mean of a distribution, a sample from that would be
    #   heads["mean"] + np.exp(heads["log_variance"] / 2) * np.random.standard_normal(heads["mean"].shape)
    code = next(iter(heads.values()))
    (reconstruction,) = decoder.run(None, {"latent": code})

    error = float(((reconstruction - images) ** 2).mean()) if len(images) else float("nan")
    for name, values in heads.items():
        print(f"{name}: {list(values.shape)}")
    print(f"reconstruction: {list(reconstruction.shape)}, mean squared error per pixel {error:.6f}")


if __name__ == "__main__":
    main()
