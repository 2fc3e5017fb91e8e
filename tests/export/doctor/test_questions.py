"""Asking another process: it may crash, hang or talk nonsense, and the answer is still an answer."""

from __future__ import annotations

import sys

import pytest

from export.doctor import cuda_refused, examine, questions
from export.doctor.questions import ask, onnxruntime_packages, torch_on_disk
from export.errors import ExitCode


@pytest.mark.parametrize(
    ("code", "answer"),
    [
        ("print('talk'); print('{\"a\": 1}')", {"a": 1}),
        ("raise SystemExit(3)", {"error": "it ended with status 3"}),
        ("raise ValueError('\\x1b[31mred')", {"error": "ValueError: ␛[31mred"}),
        ("import os, signal; os.kill(os.getpid(), signal.SIGABRT)", {"error": "it was ended by SIGABRT"}),
        ("print('[1, 2]')", {"error": "it ended with status 0"}),
    ],
)
def test_whatever_happens_there_is_an_answer(code, answer):
    assert ask(["-c", code]) == answer


def test_a_process_that_hangs_is_an_answer(monkeypatch):
    monkeypatch.setattr(questions, "TIMEOUT_S", 1.0)
    assert ask(["-c", "import time; time.sleep(60)"]) == {"error": "no answer within 1 s"}


def test_a_python_that_cannot_start_is_a_finding(monkeypatch):
    monkeypatch.setattr(sys, "executable", "/nonexistent/python")
    found = examine()
    assert found.provider == "CPU"
    (about_onnxruntime,) = (finding for finding in found.findings if finding.about == "onnxruntime")
    assert about_onnxruntime.cause == "does-not-start"


def test_of_two_distributions_of_one_name_the_first_on_the_path_counts(packages, distribution, monkeypatch):
    distribution("onnxruntime_gpu", "0.1")
    distribution("onnxruntime-silicon", "9")
    monkeypatch.syspath_prepend(str(packages))
    assert onnxruntime_packages()["onnxruntime-gpu"] == "0.1"
    assert "onnxruntime-silicon" not in onnxruntime_packages()


@pytest.mark.parametrize("cuda", ["12.6", None])
def test_the_cuda_of_torch_is_read_from_its_files(torch, packages, monkeypatch, cuda):
    torch("2.13.0+x", cuda)
    monkeypatch.syspath_prepend(str(packages))
    monkeypatch.delitem(sys.modules, "torch", raising=False)
    assert torch_on_disk() == {"version": "2.13.0+x", "cuda": cuda}


def test_a_refusal_gives_the_doctor_s_cause_and_its_command(fake_driver, onnxruntime, packages, monkeypatch):
    onnxruntime(["libcufft.so.99"])
    for name, value in fake_driver(libraries=True).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("PYTHONPATH", str(packages))
    monkeypatch.syspath_prepend(str(packages))
    error = cuda_refused("something else")
    assert error.exit_code == ExitCode.DAMAGED
    assert error.why.startswith("libcufft.so.99 not found")
    assert '"onnxruntime-gpu[cuda,cudnn]==1.31.1"   or: --provider cpu' in error.do


def test_a_refusal_on_a_box_that_is_well_gives_the_reason_of_whoever_was_refused(
    fake_driver, onnxruntime, packages, monkeypatch
):
    onnxruntime(["libcuda.so.1"], "['CUDAExecutionProvider']")
    for name, value in fake_driver(libraries=True).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("PYTHONPATH", str(packages))
    monkeypatch.syspath_prepend(str(packages))
    error = cuda_refused("CUDA failed: out of memory")
    assert (error.why, error.exit_code) == ("CUDA failed: out of memory", ExitCode.DAMAGED)
    assert "--provider cpu" in error.do
