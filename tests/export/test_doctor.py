"""The doctor: what was found → the cause and the one command."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from export.doctor import Facts, diagnose, examine, report

CUDA = {
    "providers": ["CUDAExecutionProvider", "CPUExecutionProvider"],
    "available": ["CUDAExecutionProvider"],
    "driver": "13.0",
    "devices": 1,
}
CPU = {"providers": ["CPUExecutionProvider"], "available": ["CUDAExecutionProvider", "CPUExecutionProvider"]}
GPU_PACKAGE = {"onnxruntime-gpu": "1.31.1"}
TORCH = {"version": "2.13.0", "cuda": "13.0", "device": "H100", "count": 1}
TORCH_CPU = {"version": "2.13.0+cpu", "cuda": None, "device": None, "count": 0}


@pytest.mark.parametrize(
    ("facts", "reason", "fix"),
    [
        (Facts(packages=GPU_PACKAGE, session=CUDA, torch=TORCH, gpu=True), None, None),
        (Facts(), "not installed", "pip install"),
        (
            Facts(packages={"onnxruntime": "1.32.0", "onnxruntime-gpu": "1.31.1"}, session=CPU, gpu=True),
            "overwrite each other",
            "uninstall -y onnxruntime onnxruntime-gpu && ",
        ),
        (Facts(packages=GPU_PACKAGE, session={"error": "ImportError: x"}), "does not start", "--force-reinstall"),
        (Facts(packages=GPU_PACKAGE, session={**CPU, "no_device": "no NVIDIA driver"}), "no NVIDIA GPU", None),
        (
            Facts(packages=GPU_PACKAGE, session={**CPU, "no_device": "no NVIDIA driver"}, gpu=True),
            "no NVIDIA driver",
            "",
        ),
        (
            Facts(packages=GPU_PACKAGE, session={**CPU, "no_device": "no CUDA device"}, gpu=True, hidden=True),
            "CUDA_VISIBLE_DEVICES",
            "unset CUDA_VISIBLE_DEVICES",
        ),
        (
            Facts(
                packages={"onnxruntime": "1.32.0"},
                session={"providers": ["CPUExecutionProvider"], "available": ["CPUExecutionProvider"]},
                gpu=True,
            ),
            "onnxruntime is built without CUDA",
            "uninstall -y onnxruntime && ",
        ),
        (
            Facts(
                packages=GPU_PACKAGE,
                session={**CPU, "no_cuda": "libcublasLt.so.13 not found; run aetrain doctor"},
                gpu=True,
            ),
            "libcublasLt.so.13 not found",
            "onnxruntime-gpu[cuda,cudnn]",
        ),
        (
            Facts(
                packages=GPU_PACKAGE,
                session={**CPU, "said": "CUDA failure 35: CUDA driver version is insufficient"},
                gpu=True,
            ),
            "driver version is insufficient",
            "580",
        ),
        (
            Facts(packages=GPU_PACKAGE, session=CUDA, torch=TORCH_CPU, gpu=True),
            "torch is a build without CUDA",
            "torch",
        ),
        (Facts(packages=GPU_PACKAGE, session=CUDA, torch={"error": "x"}, gpu=True), "torch does not start", "torch"),
        (
            Facts(packages=GPU_PACKAGE, session=CUDA, torch={**TORCH, "device": None}, gpu=True),
            "no CUDA device",
            "nvidia-smi",
        ),
    ],
)
def test_each_cause_has_its_command(facts, reason, fix):
    found_reason, found_fix = diagnose(facts)
    assert (found_reason is None) == (reason is None)
    assert (found_fix is None) == (fix is None)
    assert (reason or "") in (found_reason or "")
    assert (fix or "") in (found_fix or "")
    shown = report(facts)
    assert all(row.found for row in shown.rows)
    assert reason is not None or all(row.state != "bad" for row in shown.rows)


def test_this_box_is_examined_without_importing_torch_here():
    code = (
        "import json, sys\nfrom export.doctor import examine\nreport = examine()\n"
        "assert not {'torch', 'onnxruntime'} & set(sys.modules)\nprint(json.dumps(report.as_json()))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    found = json.loads(done.stdout)
    assert found["provider"] in ("CPU", "CUDA")
    assert (found["provider"] == "CPU") <= (found["reason"] is not None)
    assert {row["what"] for row in found["rows"]} >= {"torch", "onnxruntime", "NVIDIA driver", "a real session"}


def test_a_python_that_cannot_start_is_a_finding(monkeypatch):
    monkeypatch.setattr(sys, "executable", "/nonexistent/python")
    found = examine()
    assert found.provider == "CPU"
    assert "does not start" in found.reason
