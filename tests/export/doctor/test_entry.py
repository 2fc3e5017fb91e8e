"""The doctor as it is called, on boxes that are pretended: a stub for libcuda, packages before the real ones.

Only what is asked in processes of their own is pretended; the hardware is this box's.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from export.doctor.platforms import this_platform

CUDA = "['CUDAExecutionProvider', 'CPUExecutionProvider']"
BOX = this_platform()


def finding(answer, about):
    (found,) = (finding for finding in answer["findings"] if finding["about"] == about)
    return found


def test_where_all_is_well_the_gpu_is_named_and_the_exit_code_is_0(doctor, fake_driver, onnxruntime, torch):
    onnxruntime(["libcudart.so.13", "libcuda.so.1"], CUDA)
    torch("2.13.0", "13.0", "Fake GPU")
    code, answer = doctor(fake_driver(libraries=True))
    assert code == 0
    assert [(found["about"], found["cause"]) for found in answer["findings"]] == [
        ("driver", "ok"),
        ("onnxruntime", "ok"),
        ("torch", "ok"),
    ]
    assert (answer["provider"], answer["state"], answer["cause"], answer["fix"]) == ("CUDA", "ok", "ok", None)
    assert answer["devices"] == [{"name": "Fake GPU", "memory_bytes": 80 << 30, "capability": "9.0"}]
    assert answer["driver_cuda"] == "13.0"
    assert {"what": "GPU", "found": "Fake GPU, 80.0 GiB, compute capability 9.0", "state": "ok"} in answer["rows"]


def test_the_missing_library_is_named_with_the_command_that_brings_it(doctor, fake_driver, onnxruntime, torch):
    onnxruntime(["libc.so.6", "libcudart.so.13", "libcublasLt.so.99"])
    torch("2.13.0", "13.0", "Fake GPU")
    code, answer = doctor(fake_driver(libraries=True))
    found = finding(answer, "onnxruntime")
    assert (code, found["cause"]) == (1, "library-missing")
    assert found["reason"].startswith("libcublasLt.so.99 not found")
    assert found["fix"].endswith('-m pip install "onnxruntime-gpu[cuda,cudnn]==1.31.1"')
    assert (answer["provider"], answer["cause"], answer["fix"]) == ("CPU", "library-missing", found["fix"])


def test_a_missing_cudnn_is_found_though_onnxruntime_does_not_ask_for_it_yet(doctor, fake_driver, onnxruntime, torch):
    onnxruntime(["libcuda.so.1"], CUDA)
    torch("2.13.0", "13.0", "Fake GPU")
    environment = fake_driver()
    library = "import ctypes; ctypes.CDLL('libcudnn.so.9')"
    if (
        subprocess.run([sys.executable, "-c", library], env=environment, capture_output=True, check=False).returncode
        == 0
    ):
        pytest.skip("this system has cuDNN: run it on one without")
    assert finding(doctor(environment)[1], "onnxruntime")["cause"] == "cudnn-missing"


@pytest.mark.parametrize(
    ("needed", "cuda", "cause", "fix"),
    [
        ("libcublas.so.13", "12.6", "cuda-mismatch-torch-older", 'install "torch==2.13.0+cu130" --index-url'),
        ("libcublas.so.12", "13.0", "cuda-mismatch-onnxruntime-older", '"onnxruntime-gpu[cuda,cudnn]>=1.31,<2"'),
    ],
)
def test_two_generations_of_cuda_are_told_apart(doctor, fake_driver, onnxruntime, torch, needed, cuda, cause, fix):
    onnxruntime([needed, "libcublas.so.99"])
    torch("2.13.0", cuda, "Fake GPU")
    code, answer = doctor(fake_driver())
    assert (code, finding(answer, "onnxruntime")["cause"]) == (1, cause)
    assert fix in finding(answer, "onnxruntime")["fix"]


def test_a_driver_that_is_too_old_is_told_before_what_is_missing_as_well(doctor, fake_driver, onnxruntime, torch):
    onnxruntime(["libcudart.so.13", "libcublas.so.99"])
    torch("2.13.0+cu130", "13.0")
    code, answer = doctor(fake_driver(version=12040))
    assert (code, answer["driver_cuda"]) == (1, "12.4")
    assert [finding(answer, about)["cause"] for about in ("driver", "onnxruntime", "torch")] == [
        "ok",
        "driver-too-old",
        "driver-too-old",
    ]
    assert '"torch==2.13.0+cu126"' in finding(answer, "torch")["fix"]


def test_a_mask_over_every_gpu_is_found_by_looking_without_it(doctor, fake_driver, onnxruntime, torch):
    onnxruntime(["libcuda.so.1"])
    torch("2.13.0", "13.0")
    code, answer = doctor({**fake_driver(libraries=True), "CUDA_VISIBLE_DEVICES": "-1"})
    assert (code, answer["cause"], answer["fix"]) == (1, "hidden", "unset CUDA_VISIBLE_DEVICES")
    assert [finding(answer, about)["cause"] for about in ("onnxruntime", "torch")] == ["waits-for-driver"] * 2


def test_a_driver_without_a_device_on_a_box_without_a_gpu_is_no_fault(doctor, fake_driver, onnxruntime, torch):
    if BOX.gpu:
        pytest.skip("this box has an NVIDIA GPU: run it on one without")
    onnxruntime(["libcuda.so.1"])
    torch("2.13.0", "13.0")
    code, answer = doctor(fake_driver(status=100))
    assert (code, answer["state"], answer["cause"], answer["fix"]) == (0, "note", "no-gpu", None)


@pytest.mark.parametrize(("status", "cause"), [(803, "reboot-pending"), (34, "stub-driver"), (999, "driver-fails")])
def test_what_the_driver_answers_is_told(doctor, fake_driver, onnxruntime, torch, status, cause):
    onnxruntime(["libcuda.so.1"])
    torch("2.13.0", "13.0")
    _, answer = doctor(fake_driver(status=status))
    rows = {row["what"]: row["found"] for row in answer["rows"]}
    assert rows["NVIDIA driver"] == f"for CUDA 13.0, answers {status}"
    if BOX.gpu and BOX.module:
        assert finding(answer, "driver")["cause"] == cause


def test_both_packages_at_once_are_found_and_both_are_taken_away(doctor, distribution, onnxruntime, torch):
    onnxruntime(["libcuda.so.1"])
    torch("2.13.0+cpu", None)
    distribution("onnxruntime", "1.32.0")
    code, answer = doctor()
    found = finding(answer, "onnxruntime")
    assert (code, found["cause"]) == (1, "several-packages")
    assert " -m pip uninstall -y onnxruntime onnxruntime-gpu && " in found["fix"]


def test_what_an_uninstall_left_behind_is_half_an_install(doctor, packages, distribution, torch):
    torch("2.13.0+cpu", None)
    (packages / "onnxruntime").mkdir()
    (packages / "onnxruntime/__init__.py").touch()
    distribution("onnxruntime-gpu", "1.31.1")
    code, answer = doctor()
    found = finding(answer, "onnxruntime")
    assert (code, found["cause"]) == (1, "half-installed")
    assert "module 'onnxruntime' has no attribute" in found["reason"]
    assert found["fix"].endswith('--force-reinstall --no-deps "onnxruntime-gpu==1.31.1"')


def test_an_onnxruntime_that_crashes_says_by_what(doctor, packages, distribution, torch):
    torch("2.13.0+cpu", None)
    (packages / "onnxruntime").mkdir()
    (packages / "onnxruntime/__init__.py").write_text("import os, signal\nos.kill(os.getpid(), signal.SIGSEGV)\n")
    distribution("onnxruntime-gpu", "1.31.1")
    _, answer = doctor()
    assert finding(answer, "onnxruntime")["cause"] == "does-not-start"
    assert "SIGSEGV" in finding(answer, "onnxruntime")["reason"]


def test_cuda_that_starts_and_cannot_compute_is_not_called_cuda(doctor, fake_driver, onnxruntime, torch):
    onnxruntime(
        ["libcuda.so.1"],
        "self.providers",
        run="if 'CUDAExecutionProvider' in self.providers: raise RuntimeError('no kernel image')",
    )
    torch("2.13.0", "13.0", "Fake GPU")
    code, answer = doctor(fake_driver(libraries=True))
    assert (code, answer["provider"], answer["cause"]) == (1, "CPU", "cuda-does-not-start")
    assert answer["reason"] == "CUDA does not start: no kernel image"


def test_a_torch_that_is_blind_says_why(doctor, fake_driver, onnxruntime, torch):
    onnxruntime(["libcuda.so.1"], CUDA)
    torch("2.13.0+cu130", "13.0")
    _, answer = doctor(fake_driver(libraries=True))
    assert finding(answer, "torch")["cause"] == "no-device"
    assert "CUDA error 46: devices are busy" in finding(answer, "torch")["reason"]


def test_a_torch_without_cuda_is_told_where_there_is_a_gpu(doctor, fake_driver, onnxruntime, torch):
    onnxruntime(["libcuda.so.1"], CUDA)
    torch("2.13.0+cpu", None)
    code, answer = doctor(fake_driver(libraries=True))
    assert (code, finding(answer, "torch")["cause"]) == (1, "cpu-only")


def test_a_broken_torch_keeps_its_version_in_the_command(doctor, fake_driver, onnxruntime, torch, packages):
    onnxruntime(["libcuda.so.1"], CUDA)
    torch("2.13.0+cu130", "13.0")
    (packages / "torch/__init__.py").write_text("raise OSError('libtorch.so: undefined symbol')")
    _, answer = doctor(fake_driver(libraries=True))
    assert finding(answer, "torch")["cause"] == "does-not-start"
    assert '--no-deps "torch==2.13.0+cu130"' in finding(answer, "torch")["fix"]


def test_what_the_real_onnxruntime_lacks_is_what_the_real_one_asks_for(doctor, fake_driver):
    """With no package pretended: the first missing library is one that its CUDA half names."""
    from export import cuda, elf

    provider = cuda.provider_library()
    if provider is None:
        pytest.skip("this onnxruntime has no CUDA half: pip install onnxruntime-gpu")
    _, answer = doctor(fake_driver())
    found = finding(answer, "onnxruntime")
    if found["cause"] in ("library-missing", "cuda-mismatch-torch-older"):
        assert found["reason"].split()[0] in elf.needed_libraries(provider)
    else:
        assert found["cause"] in ("ok", "cuda-does-not-start", "cudnn-missing")


def test_the_doctor_imports_neither_torch_nor_onnxruntime():
    code = (
        "import sys\nfrom export.doctor import examine\nexamine()\n"
        "assert not {'torch', 'onnxruntime', 'onnx', 'numpy'} & set(sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_the_help_says_what_the_exit_codes_mean():
    program = Path(sys.executable).parent / "aetrain"
    done = subprocess.run([program, "doctor", "--help"], capture_output=True, text=True, check=True)
    words = " ".join(done.stdout.replace("│", " ").split())
    assert "exit code is 0 where all that this machine can do is used" in words
    assert "1 where there is something to mend" in words
