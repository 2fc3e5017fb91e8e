"""Reconstruct images with this bundle; needs numpy and onnxruntime, nothing else.

python infer.py                the bundle's own test images
python infer.py images.npy     your own: [n, channels, height, width] (or [n, height, width]), uint8, or float in [0, 1]
python infer.py ../probe.npz   more of the data set's images, the array "images" of an npz
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
    images = read_images(Path(sys.argv[1])) if len(sys.argv) > 1 else read_tensor("encoder/input_0.pb")
    if images.dtype == np.uint8:
        images = images / 255  # the graphs take float32 in [0, 1]; whatever else they need, they do themselves
    if images.ndim == 3:
        images = images[:, np.newaxis]
    if list(images.shape[1:]) != manifest["image_shape"]:
        sys.exit(f"images of {list(images.shape[1:])}, the model takes {manifest['image_shape']} per image")
    images = images.astype(np.float32)

    heads = dict(zip(manifest["heads"], encoder.run(None, {"image": images}), strict=True))
    # The first head is the code. Where it is the mean of a distribution, a sample from that would be
    #   heads["mean"] + np.exp(heads["log_variance"] / 2) * np.random.standard_normal(heads["mean"].shape)
    code = next(iter(heads.values()))
    (reconstruction,) = decoder.run(None, {"latent": code})

    error = np.square(reconstruction.astype(np.float64) - images).mean() if len(images) else float("nan")
    for name, values in heads.items():
        print(f"{name}: {list(values.shape)}")
    print(f"reconstruction: {list(reconstruction.shape)}, mean squared error per pixel {error:.6f}")


def read_images(path: Path) -> np.ndarray:
    loaded = np.load(path, allow_pickle=False)
    return loaded if isinstance(loaded, np.ndarray) else loaded["images"]


def read_tensor(name: str) -> np.ndarray:
    """A float32 test vector: a protobuf message, of which the shape (field 1) and the raw numbers (field 9) matter."""
    message = (BUNDLE / "test_data_set_0" / name).read_bytes()
    shape, numbers, at = [], b"", 0

    def varint() -> int:
        nonlocal at
        value = shift = 0
        while True:
            byte = message[at]
            at, value, shift = at + 1, value | (byte & 127) << shift, shift + 7
            if byte < 128:
                return value

    while at < len(message):
        field, kind = divmod(varint(), 8)
        value = varint()  # a number, or the length of the bytes that follow
        if kind == 2:
            numbers, at = message[at : at + value] if field == 9 else numbers, at + value
        elif field == 1:
            shape.append(value)
    return np.frombuffer(numbers, "<f4").reshape(shape)


if __name__ == "__main__":
    main()
