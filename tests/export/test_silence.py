"""Not one byte that is not ours reaches the screen, whatever is wrong with CUDA, the graphs, or onnxruntime itself."""

from __future__ import annotations

import ctypes
import os
import re
import subprocess
import sys
import threading
from pathlib import Path

import pexpect
import pytest

from export.silence import silence

from .fake_torch import write_torch

EVERYTHING = """
import dataclasses, pathlib, sys
import numpy as np
from onnx import helper, numpy_helper
from export.bundle import read_bundle
from export.errors import ToolError
from export.runtime import open_model

bundle = read_bundle(pathlib.Path(sys.argv[1]))
images = np.zeros((3, *bundle.manifest.image_shape), np.float32)
refused = 0

def attempt(encoder, providers):
    global refused
    for provider in providers:
        try:
            open_model(dataclasses.replace(bundle, encoder=encoder), provider).reconstruct(images)
        except ToolError:
            refused += 1

def graph(operator, *, size=None):
    given = helper.make_tensor_value_info("image", 1, ["batch", *bundle.manifest.image_shape])
    heads = list(bundle.manifest.heads)
    constants = [] if size is None else [numpy_helper.from_array(np.array(size), "size")]
    nodes = [helper.make_node(operator, ["image", *(c.name for c in constants)], ["x"])]
    nodes += [helper.make_node("Relu", ["x"], [head]) for head in heads]
    outputs = [helper.make_tensor_value_info(head, 1, None) for head in heads]
    made = helper.make_graph(nodes, "g", [given], outputs, constants)
    return helper.make_model(made, opset_imports=[helper.make_opsetid("", 18)], ir_version=10).SerializeToString()

attempt(bundle.encoder, ["auto", "cuda", "cpu"])
for corrupt in (b"", bundle.encoder[:100], b"\\xff" * 500, bundle.encoder[:-50], graph("Nonsense")):
    attempt(corrupt, ["auto", "cpu"])
for fails_when_it_runs in (graph("Reshape", size=[7, 7]), graph("Expand", size=[1 << 20, 1 << 20, 8, 8])):
    attempt(fails_when_it_runs, ["auto", "cpu"])
sys.exit(0 if refused >= 14 else f"only {refused} were refused")
"""

DRIVERS = {
    "no driver": None,
    "cuInit fails": {"status": 100},
    "a device without libraries": {},
    "a device with libraries that are empty": {"libraries": True},
    "an old driver": {"version": 11040, "libraries": True},
}

CHATTY = """
def shout(where):
    os.write(1, b"on fd 1 at %s\\n" % where)
    os.write(2, b"on fd 2 at %s\\n" % where)
    print("print at", where)
    print("complaint at", where, file=sys.stderr)
shout(b"import")
opened = onnxruntime.InferenceSession.__init__
def loud(self, *args, **kwargs):
    shout(b"opening")
    opened(self, *args, **kwargs)
onnxruntime.InferenceSession.__init__ = loud
"""


def seen(command: list[str], environment: dict[str, str]) -> tuple[int, str]:
    """(exit code, everything that a wide terminal got) from a command whose stdout and stderr are that terminal."""
    child = pexpect.spawn(command[0], command[1:], env=environment, dimensions=(50, 400), timeout=120, encoding="utf-8")
    text = child.read()
    child.wait()  # what has closed its terminal may take a while to end; close() would kill it
    child.close()
    return child.exitstatus, re.sub(r"\x1b\[[0-9;]*m", "", text)


@pytest.fixture(params=DRIVERS)
def environment(request, fake_driver):
    asked = DRIVERS[request.param]
    return dict(os.environ) if asked is None else fake_driver(**asked)


def test_opening_models_puts_nothing_on_the_screen(bundle, environment):
    assert seen([sys.executable, "-c", EVERYTHING, str(bundle)], environment) == (0, "")


def test_an_onnxruntime_that_talks_as_it_is_imported_is_not_heard(bundle, changed_onnxruntime):
    environment = {**os.environ, **changed_onnxruntime(CHATTY)}
    assert seen([sys.executable, "-c", EVERYTHING, str(bundle)], environment) == (0, "")


def test_a_strict_refusal_has_the_doctor_s_cause_and_command(bundle, fake_driver, tmp_path):
    write_torch(tmp_path / "packages")
    environment = {**fake_driver(), "PYTHONPATH": str(tmp_path / "packages")}
    code = (
        "import pathlib, sys\nfrom export.bundle import read_bundle\nfrom export.runtime import open_model\n"
        "from export.doctor import examine\nbundle = read_bundle(pathlib.Path(sys.argv[1]))\n"
        "try: open_model(bundle, 'cuda')\nexcept Exception as error:\n"
        "    found = next(f for f in examine().findings if f.state == 'bad')\n"
        "    assert error.exit_code == 3 and error.why == found.reason, error\n"
        "    assert error.do == found.fix + '   or: --provider cpu', error\n"
        "else: raise SystemExit('opened')"
    )
    assert seen([sys.executable, "-c", code, str(bundle)], environment) == (0, "")


def test_finding_out_about_cuda_puts_nothing_on_the_screen(fake_driver, changed_onnxruntime):
    environment = {**fake_driver(), **changed_onnxruntime(CHATTY)}
    code = "from export.cuda import missing_libraries, why_not_cuda\nwhy_not_cuda()\nmissing_libraries()"
    assert seen([sys.executable, "-c", code], environment) == (0, "")


@pytest.mark.parametrize("arguments", [["doctor"], ["doctor", "BUNDLE"], ["verify", "BUNDLE"]], ids=" ".join)
@pytest.mark.parametrize("chatty", [False, True], ids=["", "chatty"])
def test_a_command_shows_its_table_and_nothing_else(
    bundle, fake_driver, changed_onnxruntime, tmp_path, command, arguments, chatty
):
    environment = {**fake_driver(), "PYTHONPATH": str(tmp_path / "packages")}
    if chatty:
        environment |= changed_onnxruntime(CHATTY)
    if chatty or "BUNDLE" in arguments:  # else it is the real one that the doctor asks
        write_torch(Path(environment["PYTHONPATH"]))
    arguments = [str(bundle) if word == "BUNDLE" else word for word in arguments]
    done = command("aetrain", *arguments, env=environment)
    assert done.stderr == ""
    assert "fd" not in done.stdout
    code, text = seen([str(Path(sys.executable).parent / "aetrain"), *arguments], environment)
    assert (code, words(text)) == (done.returncode, words(done.stdout))


def words(text: str) -> str:
    """What a table says, without its lines, without what was timed, and wherever its lines were broken."""
    return "".join(word for word in text.split() if not re.fullmatch(r"─+|[\d.e-]+", word))


def test_silence_is_for_python_and_for_c_and_ends_with_the_block(capfd):
    libc = ctypes.CDLL(None)
    with silence():
        os.write(1, b"a")
        os.write(2, b"b")
        print("c", flush=True)
        print("d", file=sys.stderr)
        libc.puts(b"e")
    print("out")
    print("err", file=sys.stderr)
    libc.fflush(None)
    assert capfd.readouterr() == ("out\n", "err\n")


def test_silence_ends_where_the_block_fails_and_may_be_nested(capfd):
    def fail():
        with silence(), silence():
            os.write(1, b"a")
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    os.write(1, b"heard")
    assert capfd.readouterr() == ("heard", "")


def test_what_was_printed_before_the_block_is_not_lost():
    code = "from export.silence import silence\nprint('before', end='')\nwith silence(): pass\nprint(' after', end='')"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "before after"


def test_two_threads_that_ask_for_silence_leave_the_screen_as_it_was(capfd):
    def work():
        for _ in range(200):
            with silence():
                os.write(2, b"x")

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    os.write(2, b"heard")
    assert capfd.readouterr() == ("", "heard")


def test_a_process_without_a_screen_needs_no_silence():
    code = "import os\nos.close(1)\nos.close(2)\nfrom export.silence import silence\nwith silence(): os.getpid()"
    assert os.spawnv(os.P_WAIT, sys.executable, [sys.executable, "-c", code]) == 0
