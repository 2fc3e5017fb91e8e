"""What was found → which cause, and what mends it."""

from __future__ import annotations

import dataclasses
import re
import subprocess

import pytest
from packaging.requirements import Requirement

from export.cuda import Device, Driver
from export.doctor import Facts, Platform, findings
from export.doctor.causes import TABLES

H100 = Device(name="H100", memory_bytes=80 << 30, capability="9.0")
V100 = Device(name="V100", memory_bytes=16 << 30, capability="7.0")
WELL = Driver(found=True, version=13000, devices=(H100,))
OLD = Driver(found=True, version=12040, devices=(H100,))
NOTHING = Driver()

ORT = {"onnxruntime-gpu": "1.31.1"}
BUILT = {"version": "1.31.1", "available": ["CUDAExecutionProvider"], "cuda_major": 13, "missing": [], "cudnn": True}
CUDA = {**BUILT, "providers": ["CUDAExecutionProvider", "CPUExecutionProvider"]}
CPU = {**BUILT, "providers": ["CPUExecutionProvider"]}
WITHOUT = {"available": ["CPUExecutionProvider"], "providers": ["CPUExecutionProvider"]}
TORCH = {"version": "2.13.0+cu130", "cuda": "13.0", "device": "H100", "count": 1}
TORCH_12 = {"version": "2.13.0+cu126", "cuda": "12.6", "device": "H100", "count": 1}
TORCH_CPU = {"version": "2.13.0+cpu", "cuda": None, "device": None, "count": 0}
BLIND = {**TORCH, "device": None, "count": 0}

GPU_BOX = Platform(gpu=True, module=True)
ALL_WELL = Facts(platform=GPU_BOX, driver=WELL, unmasked=1, packages=ORT, session=CUDA, torch=TORCH)
NO_DEVICE = dataclasses.replace(ALL_WELL, driver=Driver(found=True, status=100), unmasked=0, session=CPU, torch=BLIND)


def on(facts: Facts = ALL_WELL, /, *, box: dict[str, object] | None = None, **changes: object) -> Facts:
    """``facts`` with some changed; box: changes of its platform."""
    platform = dataclasses.replace(facts.platform, **(box or {}))
    return dataclasses.replace(facts, platform=platform, **changes)


def answers(status: int) -> Facts:
    return on(NO_DEVICE, driver=Driver(found=True, status=status, version=13000))


HALF = "AttributeError: module 'onnxruntime' has no attribute '__version__'"
ABSENT = "ModuleNotFoundError: No module named 'onnxruntime'"
CU12 = 'python -m pip install "onnxruntime-gpu[cuda,cudnn]>=1.21,<1.27"'
CU13 = 'python -m pip install "onnxruntime-gpu[cuda,cudnn]>=1.31,<2"'
SAME = 'python -m pip install "onnxruntime-gpu[cuda,cudnn]==1.31.1"'
AGAIN = 'python -m pip install --force-reinstall --no-deps "onnxruntime-gpu==1.31.1"'
TORCH_13 = 'python -m pip install "torch==2.13.0+cu130" --index-url https://download.pytorch.org/whl/cu130'
TORCH_126 = 'python -m pip install "torch==2.13.0+cu126" --index-url https://download.pytorch.org/whl/cu126'
MISSING = {**CPU, "missing": ["libcublasLt.so.13", "libcublas.so.13"]}

CASES: list[tuple[str, str, Facts, str, str, str | None]] = [
    ("driver", "ok", ALL_WELL, "ok", "", None),
    ("driver", "ok", on(driver=dataclasses.replace(WELL, version=0)), "ok", "", None),
    (
        "driver", "driver-too-old", on(driver=dataclasses.replace(WELL, version=11040)),
        "bad", "CUDA 11.4 at most", "# NV",
    ),
    (
        "driver", "driver-crashes", on(NO_DEVICE, driver=NOTHING, driver_error="SIGSEGV"),
        "bad", "SIGSEGV", "sudo reboot",
    ),
    ("driver", "no-driver-for-macos", Facts(platform=Platform(system="darwin", libc="")), "note", "macOS", None),
    (
        "driver", "hidden", on(NO_DEVICE, visible="-1", unmasked=8),
        "bad", "=-1 hides every GPU of this box (8)", "unset CUDA",
    ),
    ("driver", "wsl-1", Facts(platform=Platform(wsl=1)), "note", "WSL 1", "wsl.exe --set-version"),
    (
        "driver", "wsl-path", on(NO_DEVICE, driver=NOTHING, box={"wsl": 2, "windows_driver": True}),
        "bad", "/usr/lib/wsl/lib", "sudo ldconfig",
    ),
    ("driver", "wsl-no-driver", Facts(platform=Platform(wsl=2)), "note", "in Windows, not here", "wsl.exe --update"),
    (
        "driver", "container-without-gpu", on(NO_DEVICE, box={"container": "docker"}),
        "bad", "docker", "docker run --gpus all",
    ),
    (
        "driver", "container-without-gpu", on(NO_DEVICE, driver=NOTHING, box={"container": "podman"}),
        "bad", "podman", "podman run --device nvidia.com/gpu=all",
    ),
    ("driver", "no-gpu", Facts(packages=ORT, session=CPU, torch=TORCH_CPU), "note", "this box has no NVIDIA GPU", None),
    ("driver", "no-gpu", Facts(platform=Platform(container="docker")), "note", "container (docker) sees no", None),
    ("driver", "slurm-without-gpu", on(NO_DEVICE, box={"slurm": True}), "bad", "Slurm", "srun --gres=gpu:1 --pty bash"),
    (
        "driver", "no-driver",
        on(NO_DEVICE, driver=NOTHING, box={"module": False, "distribution": ("ubuntu", "debian")}),
        "bad", "no NVIDIA driver", "sudo ubuntu-drivers install",
    ),
    ("driver", "no-driver", on(NO_DEVICE, driver=NOTHING), "bad", "library (libcuda) is not to be found", "# NVIDIA"),
    ("driver", "stub-driver", answers(34), "bad", "stub", "unset LD_LIBRARY_PATH"),
    ("driver", "reboot-pending", answers(803), "bad", "two versions", "sudo reboot"),
    ("driver", "fabric-manager", answers(802), "bad", "fabric manager", "nvidia-fabricmanager"),
    ("driver", "compat-driver", answers(804), "bad", "compatibility package", "unset LD_LIBRARY_PATH"),
    ("driver", "no-module", on(NO_DEVICE, box={"module": False}), "bad", "not loaded", "sudo modprobe nvidia"),
    ("driver", "driver-fails", answers(999), "bad", "999", "nvidia_uvm"),
    ("driver", "no-device", NO_DEVICE, "bad", "finds no device", "nvidia-modprobe"),
    ("onnxruntime", "ok", ALL_WELL, "ok", "", None),
    ("onnxruntime", "ok", Facts(packages=ORT, session=CPU), "ok", "", None),
    ("onnxruntime", "ok", Facts(packages={"onnxruntime": "1.32.0"}, session=WITHOUT), "ok", "", None),
    (
        "onnxruntime", "several-packages", on(packages={"onnxruntime": "1.32.0", **ORT}, session=WITHOUT),
        "bad", "overwrite each other",
        f"python -m pip uninstall -y onnxruntime onnxruntime-gpu && {CU13}",
    ),
    ("onnxruntime", "not-installed", on(packages={}, session={"error": ABSENT}), "bad", "not installed", CU13),
    (
        "onnxruntime", "not-installed", Facts(session={"error": ABSENT}),
        "bad", "not installed", 'python -m pip install "onnxruntime-gpu>=1.31,<2"',
    ),
    (
        "onnxruntime", "not-installed", Facts(platform=Platform(machine="aarch64"), session={"error": ABSENT}),
        "bad", "not installed", 'python -m pip install "onnxruntime>=1.23,<2"',
    ),
    (
        "onnxruntime", "not-installed", Facts(platform=Platform(libc="musl"), session={"error": ABSENT}),
        "bad", "not installed", "apk add py3-onnxruntime",
    ),
    ("onnxruntime", "half-installed", on(session={"error": HALF}), "bad", "no attribute '__version__'", AGAIN),
    ("onnxruntime", "half-installed", on(session={"error": ABSENT}), "bad", "No module named", AGAIN),
    (
        "onnxruntime", "half-installed", on(packages={}, session={"error": HALF}),
        "bad", "no attribute", f"{CU13} --force-reinstall --no-deps",
    ),
    ("onnxruntime", "does-not-start", on(session={"error": "ImportError: x"}), "bad", "ImportError: x", AGAIN),
    (
        "onnxruntime", "no-wheel-macos", Facts(platform=Platform(system="darwin", libc=""), session=WITHOUT),
        "note", "macOS: onnxruntime runs on the CPU", None,
    ),
    ("onnxruntime", "no-wheel-musl", Facts(platform=Platform(libc="musl"), session=WITHOUT), "note", "musl", None),
    ("onnxruntime", "no-wheel-machine", on(session=WITHOUT, box={"machine": "aarch64"}), "note", "aarch64 Linux", None),
    ("onnxruntime", "no-wheel-glibc", on(session=WITHOUT, box={"libc": "glibc 2.27"}), "note", "it needs 2.28", None),
    (
        "onnxruntime", "no-wheel-python", on(session=WITHOUT, box={"python": (3, 10)}),
        "note", "only for 3.11 to 3.14", None,
    ),
    ("onnxruntime", "no-wheel-python", on(session=WITHOUT, box={"python": (3, 15)}), "note", "Python 3.15", None),
    (
        "onnxruntime", "cpu-only", on(packages={"onnxruntime": "1.32.0"}, session=WITHOUT),
        "bad", "onnxruntime is built without CUDA", f"python -m pip uninstall -y onnxruntime && {CU13}",
    ),
    (
        "onnxruntime", "cpu-only", on(driver=OLD, session=WITHOUT),
        "bad", "without CUDA", f"-y onnxruntime-gpu && {CU12}",
    ),
    ("onnxruntime", "driver-too-old", on(driver=OLD, session=CPU), "bad", "needs CUDA 13, the driver knows 12.4", CU12),
    (
        "onnxruntime", "gpu-too-old", on(driver=dataclasses.replace(WELL, devices=(V100,))),
        "bad", "V100 is too old for CUDA 13", CU12,
    ),
    (
        "onnxruntime", "cuda-mismatch-torch-older", on(session=MISSING, torch=TORCH_12),
        "bad", "libcublasLt.so.13 not found: onnxruntime needs CUDA 13, torch brings CUDA 12", TORCH_13,
    ),
    (
        "onnxruntime", "cuda-mismatch-onnxruntime-older",
        on(session={**CPU, "cuda_major": 12, "missing": ["libcublas.so.12"]}),
        "bad", "libcublas.so.12 not found: onnxruntime needs CUDA 12, torch brings CUDA 13", CU13,
    ),
    ("onnxruntime", "library-missing", on(session=MISSING), "bad", "libcublasLt.so.13 not found", SAME),
    ("onnxruntime", "library-missing", on(NO_DEVICE, session=MISSING), "bad", "libcublasLt.so.13 not found", SAME),
    ("onnxruntime", "cudnn-missing", on(session={**CUDA, "cudnn": False}), "bad", "libcudnn.so.9", SAME),
    ("onnxruntime", "waits-for-driver", NO_DEVICE, "note", "but for the driver", None),
    (
        "onnxruntime", "cuda-does-not-start", on(session={**CPU, "said": "CUDA failure 46"}),
        "bad", "CUDA failure 46", AGAIN,
    ),
    ("torch", "ok", ALL_WELL, "ok", "", None),
    ("torch", "ok", Facts(torch=TORCH_CPU), "ok", "", None),
    (
        "torch", "not-installed", on(torch={"error": "ModuleNotFoundError: No module named 'torch'"}),
        "bad", "nothing can be trained", 'python -m pip install "torch>=2.10,<2.14"',
    ),
    (
        "torch", "does-not-start", on(torch={"error": "OSError: x"}),
        "bad", "OSError: x", '--force-reinstall --no-deps "torch>=2.10,<2.14"',
    ),
    ("torch", "no-wheel-musl", on(torch=TORCH_CPU, box={"libc": "musl"}), "note", "musl", None),
    ("torch", "cpu-only", on(torch=TORCH_CPU), "bad", "built without CUDA", TORCH_13),
    ("torch", "cpu-only", on(torch=TORCH_CPU, driver=OLD), "bad", "built without CUDA", TORCH_126),
    ("torch", "driver-too-old", on(torch=BLIND, driver=OLD), "bad", "needs CUDA 13, the driver knows 12.4", TORCH_126),
    ("torch", "gpu-too-old", on(driver=dataclasses.replace(WELL, devices=(V100,))), "bad", "V100", TORCH_126),
    ("torch", "waits-for-driver", NO_DEVICE, "note", "but for the driver", None),
    (
        "torch", "no-device", on(torch={**BLIND, "said": "CUDA error 46"}),
        "bad", "CUDA error 46", 'install --force-reinstall --no-deps "torch==2.13.0+cu130" --index-url',
    ),
]  # fmt: skip


def found(facts: Facts, about: str):
    return next(finding for finding in findings(facts) if finding.about == about)


@pytest.mark.parametrize(("about", "cause", "facts", "state", "reason", "fix"), CASES)
def test_each_cause_has_its_reason_and_its_command(about, cause, facts, state, reason, fix):
    finding = found(facts, about)
    assert (finding.cause, finding.state) == (cause, state)
    assert reason in (finding.reason or "")
    assert (finding.fix is None) == (fix is None)
    assert (fix or "") in (finding.fix or "")


@pytest.mark.parametrize("about", TABLES)
def test_no_cause_of_the_table_is_untested(about):
    assert {cause.name for cause in TABLES[about]} == {case[1] for case in CASES if case[0] == about}


@pytest.mark.parametrize("facts", [case[2] for case in CASES])
def test_whatever_is_bad_has_one_sentence_and_one_line_that_a_shell_takes(facts):
    for finding in findings(facts):
        assert (finding.reason is None) == (finding.state == "ok")
        assert finding.state != "bad" or finding.fix
        assert re.fullmatch(r"[a-z0-9-]+", finding.cause)
        for text in filter(None, (finding.reason, finding.fix)):
            assert "\n" not in text
            assert text.isascii()
        subprocess.run(["bash", "-n", "-c", finding.fix or ":"], check=True)
        for wanted in re.findall(r'"([^"$]+)"', finding.fix or ""):
            Requirement(wanted)


def test_the_table_always_ends_with_an_answer():
    for facts in (
        Facts(),
        Facts(platform=GPU_BOX),
        on(session={}),
        on(session={}, torch={}, driver=NOTHING, unmasked=0),
    ):
        assert [finding.about for finding in findings(facts)] == ["driver", "onnxruntime", "torch"]


@pytest.mark.parametrize(
    ("about", "first", "second", "facts"),
    [
        (
            "driver", "hidden", "container-without-gpu",
            on(NO_DEVICE, visible="", unmasked=1, box={"container": "docker"}),
        ),
        ("driver", "container-without-gpu", "no-driver", on(NO_DEVICE, driver=NOTHING, box={"container": "docker"})),
        ("driver", "no-gpu", "no-driver", Facts()),
        ("driver", "slurm-without-gpu", "no-device", on(NO_DEVICE, box={"slurm": True})),
        (
            "onnxruntime", "several-packages", "half-installed",
            on(packages={"onnxruntime": "1", **ORT}, session={"error": HALF}),
        ),
        ("onnxruntime", "no-wheel-machine", "cpu-only", on(session=WITHOUT, box={"machine": "aarch64"})),
        ("onnxruntime", "driver-too-old", "library-missing", on(driver=OLD, session=MISSING)),
        ("onnxruntime", "driver-too-old", "cuda-mismatch-torch-older", on(driver=OLD, session=MISSING, torch=TORCH_12)),
        ("onnxruntime", "cuda-mismatch-torch-older", "library-missing", on(session=MISSING, torch=TORCH_12)),
        ("onnxruntime", "library-missing", "waits-for-driver", on(NO_DEVICE, session=MISSING)),
        ("torch", "cpu-only", "waits-for-driver", on(NO_DEVICE, torch=TORCH_CPU)),
    ],
)  # fmt: skip
def test_of_two_causes_the_one_that_explains_more_is_told(about, first, second, facts):
    applying = [cause.name for cause in TABLES[about] if cause.applies(facts)]
    assert applying.index(first) < applying.index(second)
    assert found(facts, about).cause == first


def test_a_driver_of_cuda_12_gets_everything_for_cuda_12_and_keeps_the_version_of_torch():
    bad = [finding for finding in findings(on(driver=OLD, session=CPU, torch=BLIND)) if finding.state == "bad"]
    assert [finding.fix for finding in bad] == [CU12, TORCH_126]
