from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from aetui.engine.client import Engine
from export.errors import ExitCode, ToolError

WriteLive = Callable[..., Path]

IMAGES = np.linspace(0, 1, 12, dtype=np.float32).reshape(3, 1, 2, 2)


async def test_a_reconstruction_has_the_closed_form(engine: Engine, bundle: WriteLive) -> None:
    answer = await engine.reconstruct(bundle("a", step=7, gain=2), IMAGES)
    np.testing.assert_allclose(answer.arrays["reconstruction"], IMAGES, atol=1e-6)
    np.testing.assert_allclose(answer.arrays["code"], 2 * IMAGES.reshape(3, 4), atol=1e-6)
    assert answer.step == 7
    assert answer.provider_text.startswith("CPU")
    assert 0 < answer.seconds < 60


async def test_encode_gives_every_head_and_the_first_as_code(engine: Engine, bundle: WriteLive) -> None:
    folder = bundle("a", gain=3, heads=("mean", "log_variance"))
    arrays = (await engine.encode(folder, IMAGES)).arrays
    assert set(arrays) == {"mean", "log_variance", "code"}
    np.testing.assert_allclose(arrays["mean"], 3 * IMAGES.reshape(3, 4), atol=1e-6)
    np.testing.assert_allclose(arrays["log_variance"], 6 * IMAGES.reshape(3, 4), atol=1e-6)
    np.testing.assert_array_equal(arrays["code"], arrays["mean"])


async def test_decode_takes_any_number_of_codes_none_included(engine: Engine, bundle: WriteLive) -> None:
    folder = bundle("a")
    for count in (0, 1, 5):
        latent = np.full((count, 4), 0.8, np.float32)
        decoded = (await engine.decode(folder, latent)).arrays["reconstruction"]
        np.testing.assert_allclose(decoded, np.full((count, 1, 2, 2), 0.4), atol=1e-6)


async def test_doubles_and_lists_are_taken_as_float32(engine: Engine, bundle: WriteLive) -> None:
    answer = await engine.decode(bundle("a"), [[0.2, 0.4, 0.6, 0.8]])
    assert answer.arrays["reconstruction"].dtype == np.float32


async def test_a_live_bundle_switched_under_the_engine_answers_with_its_new_step(
    engine: Engine, bundle: WriteLive
) -> None:
    folder = bundle("a", step=1, gain=2)
    assert (await engine.encode(folder, IMAGES)).step == 1
    bundle("a", step=2, gain=4)
    answer = await engine.encode(folder, IMAGES)
    assert answer.step == 2
    np.testing.assert_allclose(answer.arrays["code"], 4 * IMAGES.reshape(3, 4), atol=1e-6)


async def test_more_bundles_than_stay_open_all_answer(engine: Engine, bundle: WriteLive) -> None:
    folders = [bundle(f"run-{i}", step=i) for i in range(20)]
    for folders_again in (folders, folders):
        assert [(await engine.encode(folder, IMAGES)).step for folder in folders_again] == list(range(20))


async def test_a_killed_child_costs_one_request(engine: Engine, bundle: WriteLive) -> None:
    folder = bundle("a")
    await engine.reconstruct(folder, IMAGES)
    first = engine.pid
    assert first is not None
    os.kill(first, signal.SIGSTOP)  # so that the request is under way when the child dies
    task = asyncio.create_task(engine.reconstruct(folder, IMAGES))
    await asyncio.sleep(0.1)
    os.kill(first, signal.SIGKILL)
    with pytest.raises(ToolError, match="died") as caught:
        await task
    assert caught.value.exit_code == ExitCode.FAILED
    assert "signal 9" in caught.value.why
    assert (await engine.reconstruct(folder, IMAGES)).step == 1
    assert engine.pid != first


async def test_a_child_killed_between_requests_is_not_noticed(engine: Engine, bundle: WriteLive) -> None:
    folder = bundle("a")
    await engine.reconstruct(folder, IMAGES)
    assert engine.pid is not None
    os.kill(engine.pid, signal.SIGKILL)
    await _gone(engine.pid)
    await asyncio.sleep(0.05)
    assert (await engine.reconstruct(folder, IMAGES)).step == 1


async def test_a_hung_child_is_given_up_and_replaced(tmp_path: Path, bundle: WriteLive) -> None:
    engine = Engine(provider="cpu", timeout_s=30)
    try:
        folder = bundle("a")
        await engine.reconstruct(folder, IMAGES)
        hung = engine.pid
        assert hung is not None
        os.kill(hung, signal.SIGSTOP)
        engine._timeout_s = 0.5
        with pytest.raises(ToolError, match="hung") as caught:
            await engine.reconstruct(folder, IMAGES)
        assert caught.value.exit_code == ExitCode.FAILED
        await _gone(hung)
        engine._timeout_s = 30
        assert (await engine.reconstruct(folder, IMAGES)).step == 1
    finally:
        await engine.stop()


async def test_a_damaged_bundle_is_an_error_with_exit_code_3(engine: Engine, bundle: WriteLive) -> None:
    folder = bundle("a")
    graph = folder / "decoder.onnx"
    data = bytearray(graph.read_bytes())
    data[len(data) // 2] ^= 0xFF
    graph.write_bytes(data)
    with pytest.raises(ToolError, match="damaged") as caught:
        await engine.reconstruct(folder, IMAGES)
    assert caught.value.exit_code == ExitCode.DAMAGED
    pid = engine.pid
    assert (await engine.reconstruct(bundle("b"), IMAGES)).step == 1
    assert engine.pid == pid


async def test_a_folder_that_is_no_bundle_is_a_usage_error(engine: Engine, tmp_path: Path) -> None:
    with pytest.raises(ToolError) as caught:
        await engine.encode(tmp_path / "nothing", IMAGES)
    assert caught.value.exit_code == ExitCode.USAGE


async def test_images_of_another_shape_are_a_usage_error(engine: Engine, bundle: WriteLive) -> None:
    with pytest.raises(ToolError) as caught:
        await engine.encode(bundle("a"), np.zeros((1, 1, 3, 3), np.float32))
    assert caught.value.exit_code == ExitCode.USAGE


async def test_a_cancelled_caller_leaves_the_line_in_order(engine: Engine, bundle: WriteLive) -> None:
    folder = bundle("a")
    await engine.start()
    for value in np.linspace(0.1, 0.9, 9):
        task = asyncio.create_task(engine.decode(folder, np.full((1, 4), value, np.float32)))
        await asyncio.sleep(0.001)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    answer = await engine.decode(folder, np.full((1, 4), 0.2, np.float32))
    np.testing.assert_allclose(answer.arrays["reconstruction"], 0.1, atol=1e-6)


async def test_requests_at_once_each_get_their_own_answer(engine: Engine, bundle: WriteLive) -> None:
    folder = bundle("a")
    values = np.linspace(0, 1, 20, dtype=np.float32)
    answers = await asyncio.gather(*(engine.decode(folder, np.full((1, 4), value)) for value in values))
    np.testing.assert_allclose(
        [answer.arrays["reconstruction"][0, 0, 0, 0] for answer in answers], values / 2, atol=1e-6
    )


async def test_stopping_ends_the_child(engine: Engine) -> None:
    await engine.start()
    pid = engine.pid
    assert pid is not None
    await engine.stop()
    await _gone(pid)
    assert engine.pid is None


async def test_an_interrupt_typed_at_the_terminal_does_not_reach_the_child(engine: Engine) -> None:
    await engine.start()
    assert engine.pid is not None
    assert os.getpgid(engine.pid) != os.getpgid(0)
    assert os.getsid(engine.pid) != os.getsid(0)


async def test_the_output_of_the_child_goes_to_the_log(engine: Engine, tmp_path: Path) -> None:
    await engine.start()
    for descriptor in (1, 2):
        assert os.readlink(f"/proc/{engine.pid}/fd/{descriptor}") == str(tmp_path / "engine.log")
    assert os.readlink(f"/proc/{engine.pid}/fd/0") == os.devnull


async def test_a_child_that_cannot_start_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "broken").write_text("not a program")
    monkeypatch.setattr(sys, "executable", str(tmp_path / "broken"))
    engine = Engine(provider="cpu")
    with pytest.raises(ToolError) as caught:
        await engine.start()
    assert caught.value.exit_code == ExitCode.FAILED


async def test_the_last_words_of_a_child_that_fails_to_start_are_told(tmp_path: Path) -> None:
    engine = Engine(provider="abacus", log=tmp_path / "engine.log")
    with pytest.raises(ToolError, match="died") as caught:
        await engine.start()
    assert "abacus" in caught.value.why
    await engine.stop()


def test_the_child_goes_with_a_client_that_is_killed_in_the_middle_of_a_request(tmp_path: Path) -> None:
    program = """
import asyncio, sys
from aetui.engine.client import Engine
async def main():
    engine = Engine(provider="cpu")
    await engine.start()
    print(engine.pid, flush=True)
    await asyncio.sleep(60)
asyncio.run(main())
"""
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as client:
        assert client.stdout is not None
        child = int(client.stdout.readline())
        client.kill()
    deadline = time.monotonic() + 20
    while _alive(child) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not _alive(child)


def test_the_client_imports_neither_onnxruntime_nor_torch() -> None:
    program = (
        "import sys, aetui.engine.client; print([m for m in ('onnxruntime', 'torch', 'textual') if m in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


def test_the_child_needs_no_torch() -> None:
    program = "import sys, aetui.engine.child, aetui.engine.models; print('torch' in sys.modules)"
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "False"


async def _gone(pid: int) -> None:
    for _ in range(1000):
        if not _alive(pid):
            return
        await asyncio.sleep(0.01)
    raise AssertionError(f"process {pid} is still there")


def _alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (OSError, IndexError):
        return False
    return state != "Z"
