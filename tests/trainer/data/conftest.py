"""Small data sets on disk, and a machine on which nothing is found by accident."""

import gzip
import struct
import threading
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest

from trainer.data.catalog import FILES

WriteIdxSet = Callable[..., tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]]


@pytest.fixture(autouse=True)
def bare_machine(monkeypatch, tmp_path):
    """An empty cache, no shared folder, and a mirror that nobody listens at."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("AETUI_MIRROR", "http://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.delenv("AETUI_DATA", raising=False)
    monkeypatch.setattr("trainer.data.places.SHARED", tmp_path / "shared")


def _idx_bytes(array: np.ndarray) -> bytes:
    """The IDX file of a uint8 array, written from the format's description."""
    return struct.pack(f">BBBB{array.ndim}I", 0, 0, 8, array.ndim, *array.shape) + array.tobytes()


@pytest.fixture
def idx_bytes() -> Callable[[np.ndarray], bytes]:
    return _idx_bytes


@pytest.fixture
def write_idx_set() -> WriteIdxSet:
    def write(folder: Path, *, train=40, test=12, seed=0, gz=True):
        """Write a set of four IDX files; returns what is in them, in the order of ``FILES``."""
        rng = np.random.default_rng(seed)
        arrays = tuple(
            array
            for count in (train, test)
            for array in (
                rng.integers(0, 256, (count, 5, 4), dtype=np.uint8),
                rng.integers(0, 10, count, dtype=np.uint8),
            )
        )
        folder.mkdir(parents=True, exist_ok=True)
        for name, array in zip(FILES, arrays, strict=True):
            data = _idx_bytes(array)
            (folder / (name + ".gz" * gz)).write_bytes(gzip.compress(data, mtime=0) if gz else data)
        return arrays

    return write


class _QuietHandler(SimpleHTTPRequestHandler):
    def log_message(self, format, *args):
        pass


@pytest.fixture
def serve() -> Iterator[Callable[[Path], str]]:
    """``serve(folder)`` → the address at which an HTTP server gives its files."""
    running = []

    def start(folder: Path) -> str:
        server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_QuietHandler, directory=str(folder)))
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        running.append((server, thread))
        return f"http://127.0.0.1:{server.server_port}"

    yield start
    for server, thread in running:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def shared_fashion_mnist() -> Path:
    """The real Fashion-MNIST, as Debian has it."""
    folder = Path("/usr/share/datasets/fashion-mnist")
    if not folder.is_dir():
        pytest.skip("Fashion-MNIST is not here: apt-get install dataset-fashion-mnist")
    return folder
