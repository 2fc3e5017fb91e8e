"""The engine process: ``python -m aetui.engine.child --socket FD --provider auto|cuda|cpu``.

Answers the requests of ``aetui.engine.client`` until its end of the socket is closed. Standard output and error are
the log from the start (the client sets them): onnxruntime prints there when CUDA is missing.
"""

from __future__ import annotations

import argparse
import os
import select
import socket
import threading
import time
import traceback
from pathlib import Path
from typing import Any

import numpy as np

from aetui.engine.protocol import PREFIX, Arrays, pack, sizes, unpack
from export.errors import ExitCode, ToolError


def main() -> None:
    """Answer requests on the socket that was handed down, until it is closed."""
    parser = argparse.ArgumentParser(prog="aetui.engine.child")
    parser.add_argument("--socket", type=int, required=True)
    parser.add_argument("--provider", choices=("auto", "cuda", "cpu"), default="auto")
    options = parser.parse_args()
    connection = socket.socket(fileno=options.socket)
    threading.Thread(target=_leave_with_the_client, args=(connection.fileno(),), daemon=True).start()
    try:
        _serve(connection, options.provider)
    except (EOFError, ConnectionError):
        pass  # the client is gone: nobody is left to tell


def _leave_with_the_client(descriptor: int) -> None:
    """Also in the middle of a computation that never ends."""
    poll = select.poll()
    poll.register(descriptor, getattr(select, "POLLRDHUP", select.POLLHUP))  # the former: Linux alone
    poll.poll()
    os._exit(0)


def _serve(connection: socket.socket, provider: Any) -> None:
    from aetui.engine.models import Models

    models = Models(provider)
    _send(connection, {"kind": "ready", "pid": os.getpid()}, {})
    while True:
        request, arrays = _receive(connection)
        started = time.perf_counter()
        try:
            header, results = _answer(models, request, arrays)
        except ToolError as error:
            header, results = _refusal(error), {}
        except Exception as error:
            traceback.print_exc()
            header, results = _refusal(_failure(request, error)), {}
        _send(connection, {**header, "id": request.get("id"), "seconds": time.perf_counter() - started}, results)


def _answer(models: Any, request: dict[str, Any], arrays: Arrays) -> tuple[dict[str, Any], Arrays]:
    loaded = models.get(Path(request["folder"]))
    model = loaded.model
    results: Arrays
    if request["kind"] == "decode":
        results = {"reconstruction": model.decode(arrays["latent"])}
    elif request["kind"] == "encode":
        heads = model.encode(arrays["images"])
        results = {**heads, "code": next(iter(heads.values()))}
    elif request["kind"] == "reconstruct":
        latent, reconstruction = model.reconstruct(arrays["images"])
        results = {"code": latent, "reconstruction": reconstruction}
    else:
        raise ValueError(f"no request is called {request['kind']!r}")
    results = {name: np.asarray(array, np.float32) for name, array in results.items()}
    provider = model.provider + (f": {model.reason}" if model.reason else "")
    return {"kind": "answer", "step": loaded.manifest.step, "provider": provider}, results


def _failure(request: dict[str, Any], error: Exception) -> ToolError:
    first_line = next(iter(str(error).splitlines()), "")
    return ToolError(
        f"the engine could not {request.get('kind', 'work')} with {request.get('folder', '?')}",
        why=f"{type(error).__name__}: {first_line}"[:500],
        do="aetrain verify on the bundle tells whether it is whole; the log of the engine has the details",
        exit_code=ExitCode.FAILED,
    )


def _refusal(error: ToolError) -> dict[str, Any]:
    return {
        "kind": "error",
        "what": error.what,
        "why": error.why,
        "do": error.do,
        "exit_code": int(error.exit_code),
    }


def _receive(connection: socket.socket) -> tuple[dict[str, Any], Arrays]:
    header_bytes, body_bytes = sizes(bytes(_exactly(connection, PREFIX.size)))
    return unpack(bytes(_exactly(connection, header_bytes)), _exactly(connection, body_bytes))


def _exactly(connection: socket.socket, count: int) -> bytearray:
    data = bytearray(count)
    view = memoryview(data)
    while view:
        received = connection.recv_into(view)
        if received == 0:
            raise EOFError
        view = view[received:]
    return data


def _send(connection: socket.socket, header: dict[str, Any], arrays: Arrays) -> None:
    for piece in pack(header, arrays):
        connection.sendall(piece)


if __name__ == "__main__":
    main()
