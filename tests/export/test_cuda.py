"""Finding out what CUDA lacks without loading onnxruntime's half of it."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from export import cuda, elf

from .elf_files import elf_file


def test_the_libraries_that_a_file_needs_are_read_from_it(tmp_path):
    (tmp_path / "provider.so").write_bytes(elf_file(["libcublasLt.so.13", "libc.so.6", "libcuda.so.1"]))
    assert elf.needed_libraries(tmp_path / "provider.so") == ["libcublasLt.so.13", "libc.so.6", "libcuda.so.1"]


@pytest.mark.parametrize("content", [b"", b"\x7fELF", b"\x7fELF\x02\x01" + b"\xff" * 200, b"MZ" * 100], ids=len)
def test_a_file_that_is_no_elf_needs_nothing(tmp_path, content):
    (tmp_path / "provider.so").write_bytes(content)
    assert elf.needed_libraries(tmp_path / "provider.so") == []


def test_the_first_missing_library_is_the_reason(tmp_path, monkeypatch):
    (tmp_path / "provider.so").write_bytes(elf_file(["libcublasLt.so.99"]))
    monkeypatch.setattr(cuda, "provider_library", lambda: tmp_path / "provider.so")
    monkeypatch.setattr(cuda, "why_no_device", lambda: None)
    assert cuda.why_not_cuda.__wrapped__() == "libcublasLt.so.99 not found; run aetrain doctor"


def test_an_onnxruntime_without_cuda_is_the_reason(monkeypatch):
    monkeypatch.setattr(cuda, "provider_library", lambda: None)
    assert "built without CUDA" in cuda.why_not_cuda.__wrapped__()


def test_a_missing_driver_is_the_reason(monkeypatch):
    monkeypatch.setattr(cuda, "DRIVER", "libcuda-that-is-not-there.so.1")
    assert cuda.why_no_device() == "no NVIDIA driver (libcuda-that-is-not-there.so.1 not found)"


def test_a_library_that_is_no_driver_is_the_reason_too(monkeypatch):
    monkeypatch.setattr(cuda, "DRIVER", "libm.so.6")
    assert cuda.why_no_device() is not None


@pytest.mark.parametrize(
    ("libraries", "major"),
    [
        (["libc.so.6", "libcublasLt.so.13", "libcuda.so.1"], 13),
        (["libcudart.so.12"], 12),
        (["libcurand.so.10", "libcuda.so.1"], None),
        ([], None),
    ],
)
def test_the_generation_of_cuda_is_in_the_names_of_its_libraries(libraries, major):
    assert cuda.major_of(libraries) == major


def test_a_driver_says_what_it_drives(fake_driver):
    done = subprocess.run(
        [sys.executable, "-m", "export.cuda"], env=fake_driver(devices=2), capture_output=True, text=True, check=True
    )
    answer = json.loads(done.stdout)
    assert (answer["found"], answer["status"], answer["version"]) == (True, 0, 13000)
    assert answer["devices"] == [{"name": "Fake GPU", "memory_bytes": 80 << 30, "capability": "9.0"}] * 2


def test_a_driver_that_fails_says_with_what(fake_driver):
    done = subprocess.run(
        [sys.executable, "-m", "export.cuda"], env=fake_driver(status=803), capture_output=True, text=True, check=True
    )
    assert json.loads(done.stdout) == {"found": True, "status": 803, "version": 13000, "devices": []}
