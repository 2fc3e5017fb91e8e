"""What people see: at 80 columns, in ASCII, with no more colour than the terminal wants."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pexpect
import pytest

from export.cuda import Device, Driver
from export.doctor import Facts, report

LIBRARY = "libcufft.so.99"


@pytest.fixture
def ill(fake_driver, onnxruntime, torch, packages):
    """A box with two things to mend, as an environment."""
    onnxruntime([LIBRARY])
    torch("2.13.0+cpu", None)
    return {**fake_driver(libraries=True), "PYTHONPATH": str(packages)}


def test_every_fault_is_followed_by_its_command(ill, command):
    done = command("aetrain", "doctor", env=ill)
    assert (done.returncode, done.stderr) == (1, "")
    lines = done.stdout.splitlines()
    said = lines[next(i for i, line in enumerate(lines) if line.startswith("why:")) :]
    assert [line.partition(":")[0] for line in said] == ["why", "do", "why", "do"]
    assert LIBRARY in said[0]
    assert said[1].endswith('-m pip install "onnxruntime-gpu[cuda,cudnn]==1.31.1"')
    assert '"torch==2.13.0+cu130"' in said[3]


def test_where_all_is_well_there_is_nothing_to_do(fake_driver, onnxruntime, torch, packages, command):
    onnxruntime(["libcuda.so.1"], "['CUDAExecutionProvider']")
    torch("2.13.0", "13.0", "Fake GPU")
    done = command("aetrain", "doctor", env={**fake_driver(libraries=True), "PYTHONPATH": str(packages)})
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[-1] == "do:  nothing: torch and onnxruntime use the GPU"
    assert "why:" not in done.stdout
    assert "torch           2.13.0, built for CUDA 13.0, trains on 1 x Fake GPU" in done.stdout


def test_the_table_fits_eighty_columns_and_a_terminal_without_unicode(ill):
    environment = {**ill, "PYTHONIOENCODING": "ascii", "NO_COLOR": "1", "TERM": "vt100"}
    program = str(Path(sys.executable).parent / "aetrain")
    child = pexpect.spawn(program, ["doctor"], env=environment, dimensions=(24, 80), timeout=120)
    text = re.sub(r"\x1b\[[01]m", "", child.read().decode("ascii"))  # bold is no colour
    child.close()
    table = text[: text.index("why:")]
    assert max(len(line.rstrip()) for line in table.splitlines()) <= 80
    assert "\x1b" not in text
    for word in ("NVIDIA driver", "Fake GPU", "onnxruntime-gpu 1.31.1", "a real session", "bad"):
        assert word in table
    # A command is never broken: it is to be copied.
    assert 'pip install "onnxruntime-gpu[cuda,cudnn]==1.31.1"\r\n' in text


def test_equal_gpus_share_a_row():
    devices = [Device(name=name, memory_bytes=48 << 30, capability="8.9") for name in ("L40S", "L40S", "T4")]
    rows = report(Facts(driver=Driver(found=True, version=13000, devices=tuple(devices)))).rows
    assert [row.found for row in rows if row.what == "GPU"] == [
        "2 x L40S, 48.0 GiB, compute capability 8.9",
        "T4, 48.0 GiB, compute capability 8.9",
    ]
