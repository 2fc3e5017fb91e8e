"""A real browser, a plain static server, and the npm package onnxruntime-web."""

from __future__ import annotations

import functools
import http.server
import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from export.bundle import read_manifest
from export.layouts.web import web_files
from export.write import export_bundle

from .looking import Site

JAVASCRIPT = Path(__file__).resolve().parents[2] / "javascript"


class _Handler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *arguments: object) -> None:
        """Nothing: pytest's output is for pytest."""


@pytest.fixture(scope="session")
def node_modules() -> Path:
    """A ``node_modules`` with onnxruntime-web."""
    folder = Path(os.environ.get("AETUI_NODE_MODULES", JAVASCRIPT / "node_modules"))
    if not (folder / "onnxruntime-web").is_dir():
        pytest.skip(f"onnxruntime-web is not in {folder}: run npm ci in {JAVASCRIPT}, or set AETUI_NODE_MODULES")
    return folder


@pytest.fixture
def serve() -> Iterator[Callable[[Path], str]]:
    """folder → the URL at which a static server of the standard library has it."""
    servers = []

    def start(folder: Path) -> str:
        handler = functools.partial(_Handler, directory=str(folder))
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_port}/"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture
def make_site(tmp_path, make_subject, serve, node_modules) -> Callable[..., Site]:
    def make(kind: str = "variational", *, offline: bool = True, **changes) -> Site:
        folder = tmp_path / "bundle"
        export_bundle(make_subject(kind, **changes), folder)
        _write_page(folder, node_modules if offline else None)
        return Site(folder, serve(folder))

    return make


@pytest.fixture
def open_page(chromium):
    """A page, of which every request and every complaint is kept; ``ready=False``: it may fail."""
    contexts = []

    def open_at(url: str, *, ready: bool = True, prepare: Callable = lambda page: None):
        context = chromium.new_context(viewport={"width": 1280, "height": 800})
        contexts.append(context)
        page = context.new_page()
        page.requested, page.complaints = [], []
        page.on("request", lambda request: page.requested.append(request.url))
        page.on("console", lambda message: page.complaints.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        prepare(page)
        page.goto(url)
        page.wait_for_selector("html[data-ready], #failure:not([hidden]):not([data-late])", state="attached")
        if ready:
            assert not page.is_visible("#failure"), page.inner_text("#failure")
        return page

    yield open_at
    for context in contexts:
        context.close()


def _write_page(folder: Path, onnxruntime_web: Path | None) -> None:
    for name, content in web_files(read_manifest(folder), onnxruntime_web).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
