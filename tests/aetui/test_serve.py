"""The UI in a browser: a real server, a real Chromium, and what the terminal in the page is sent."""

from __future__ import annotations

import http.client
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pyte
import pytest

from trainer.runs.folder import RunFolder

MakeRun = Callable[..., RunFolder]


class Served:
    """``aetui --serve`` as a process, and the URL that it printed."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        program = Path(sys.executable).parent / "aetui"
        command = [str(program), "--serve", "--port", "0", "--provider", "cpu", *arguments]
        self.process = subprocess.Popen(
            command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
        )
        assert self.process.stdout is not None
        self.url = self.process.stdout.readline().strip()

    def status(self, path: str, **headers: str) -> int:
        """What the server answers to ``path``."""
        there = urlsplit(self.url)
        connection = http.client.HTTPConnection(there.hostname or "", there.port or 0, timeout=20)
        connection.request("GET", path, headers=headers)
        found = connection.getresponse().status
        connection.close()
        return found


@pytest.fixture
def served(make_run: MakeRun, runs_dir: Path) -> Iterator[Served]:
    make_run("my-run", live=True)
    server = Served(runs_dir.parent)
    yield server
    server.process.kill()
    server.process.communicate()


def test_a_browser_shows_the_runs_and_takes_keys(chromium: object, served: Served) -> None:
    page = chromium.new_page(viewport={"width": 1000, "height": 600})  # type: ignore[attr-defined]
    screen = pyte.Screen(200, 60)
    stream = pyte.ByteStream(screen)

    def take(payload: object) -> None:
        if isinstance(payload, bytes):
            stream.feed(payload)

    page.on("websocket", lambda socket: socket.on("framereceived", take))
    page.goto(served.url)
    assert "token" not in page.url
    _wait_for(page, screen, "my-run")
    page.click("#terminal")
    page.keyboard.press("3")
    _wait_for(page, screen, "0.0156")
    page.close()


def _wait_for(page: object, screen: pyte.Screen, text: str) -> None:
    deadline = time.monotonic() + 60
    while text not in "\n".join(screen.display):
        assert time.monotonic() < deadline, "\n".join(line for line in screen.display if line.strip())
        page.wait_for_timeout(100)  # type: ignore[attr-defined]


def test_without_the_token_nothing_is_shown(served: Served) -> None:
    for path in ("/", "/?token=guess", "/ws", "/static/js/textual.js", "/download/1"):
        assert served.status(path) == 403, path
    assert served.status("/", Cookie="aetui-token=guess") == 403


def test_another_name_for_this_machine_is_refused_even_with_the_token(served: Served) -> None:
    query = urlsplit(served.url).query
    assert served.status(f"/?{query}", Host="evil.example") == 403
    assert served.status(f"/?{query}") == 302
    assert served.status(f"/?{query}", Host="localhost:9999") == 302


def test_ctrl_c_ends_it_with_130_and_a_taken_port_is_said(served: Served) -> None:
    port = urlsplit(served.url).port
    program = Path(sys.executable).parent / "aetui"
    second = subprocess.run(
        [str(program), "--serve", "--port", str(port)], capture_output=True, text=True, timeout=60, check=False
    )
    assert second.returncode == 4
    assert [line.partition(":")[0] for line in second.stderr.splitlines()] == ["error", "why", "do"]
    served.process.send_signal(signal.SIGINT)
    assert served.process.wait(20) == 130
