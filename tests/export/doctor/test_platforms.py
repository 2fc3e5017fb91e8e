"""What kind of box it is, from files that stand for /dev, /sys, /proc and /etc."""

from __future__ import annotations

import pytest

from export.doctor import Platform
from export.doctor.platforms import no_cuda_wheel, this_platform

WSL_1 = "Linux version 4.4.0-19041-Microsoft (Microsoft@Microsoft.com)"
WSL_2 = "Linux version 5.15.167.4-microsoft-standard-WSL2 (root@f9c826d3017f)"


@pytest.fixture
def put(tmp_path):
    """Write a file of the box that is pretended: ``put("proc/version", text)``."""

    def write(name, text=""):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    return write


def test_a_bare_box_has_nothing(tmp_path):
    box = this_platform(tmp_path, {})
    assert (box.gpu, box.module, box.wsl, box.windows_driver) == (False, False, 0, False)
    assert (box.container, box.slurm, box.distribution) == ("", False, ())


@pytest.mark.parametrize(
    ("vendor", "kind", "gpu"),
    [
        ("0x10de", "0x030200", True),
        ("0x10de", "0x030000", True),
        ("0x10de", "0x040300", False),
        ("0x1002", "0x030000", False),
    ],
    ids=["accelerator", "display", "NVIDIA sound", "AMD"],
)
def test_an_nvidia_display_device_on_the_bus_is_a_gpu(tmp_path, put, vendor, kind, gpu):
    put("sys/bus/pci/devices/0000:01:00.0/vendor", f"{vendor}\n")
    put("sys/bus/pci/devices/0000:01:00.0/class", f"{kind}\n")
    put("sys/bus/pci/devices/0000:02:00.0/vendor", "0x8086\n")
    assert this_platform(tmp_path, {}).gpu is gpu


def test_the_driver_s_files_are_a_gpu_where_the_bus_is_not_to_be_seen(tmp_path, put):
    put("dev/nvidiactl")
    put("proc/driver/nvidia/version", "NVRM version: …")
    box = this_platform(tmp_path, {})
    assert (box.gpu, box.module) == (True, True)


@pytest.mark.parametrize(("kernel", "wsl"), [(WSL_1, 1), (WSL_2, 2), ("Linux version 6.1.0-18-amd64", 0)])
def test_windows_underneath_is_known_from_the_kernel(tmp_path, put, kernel, wsl):
    put("proc/version", kernel)
    assert this_platform(tmp_path, {}).wsl == wsl


def test_in_wsl_a_gpu_is_what_windows_lends_a_driver_for(tmp_path, put):
    put("proc/version", WSL_2)
    put("dev/dxg")
    assert not this_platform(tmp_path, {}).gpu
    put("usr/lib/wsl/lib/libcuda.so.1")
    box = this_platform(tmp_path, {})
    assert (box.gpu, box.windows_driver) == (True, True)


@pytest.mark.parametrize(
    ("name", "environment", "container"),
    [
        (".dockerenv", {}, "docker"),
        ("run/.containerenv", {"container": "podman"}, "podman"),
        (".dockerenv", {"KUBERNETES_SERVICE_HOST": "10.0.0.1"}, "kubernetes"),
        ("etc/hosts", {"APPTAINER_CONTAINER": "/x.sif"}, "apptainer"),
        ("etc/hosts", {"container": "systemd-nspawn"}, "systemd-nspawn"),
        ("etc/hosts", {}, ""),
    ],
)
def test_what_runs_a_container_is_known(tmp_path, put, name, environment, container):
    put(name)
    assert this_platform(tmp_path, environment).container == container


def test_slurm_is_known_in_a_job_and_on_its_machines(tmp_path, put):
    assert this_platform(tmp_path, {"SLURM_JOB_ID": "7"}).slurm
    put("etc/slurm/slurm.conf")
    assert this_platform(tmp_path, {}).slurm


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ('NAME="Ubuntu"\nID=ubuntu\nID_LIKE=debian\n', ("ubuntu", "debian")),
        ('ID="rocky"\nID_LIKE="rhel centos fedora"\n', ("rocky", "rhel", "centos", "fedora")),
        ("nothing of it", ()),
    ],
)
def test_the_distribution_names_itself_before_its_relatives(tmp_path, put, text, names):
    put("etc/os-release", text)
    assert this_platform(tmp_path, {}).distribution == names


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({}, None),
        ({"python": (3, 14)}, None),
        ({"libc": "glibc 2.28"}, None),
        ({"system": "win32", "machine": "AMD64", "libc": ""}, None),
        ({"system": "win32", "machine": "ARM64", "libc": ""}, "machine"),
        ({"system": "darwin", "machine": "arm64", "libc": ""}, "macos"),
        ({"machine": "aarch64"}, "machine"),
        ({"libc": "musl"}, "musl"),
        ({"libc": "glibc 2.27"}, "glibc"),
        ({"python": (3, 10)}, "python"),
        ({"python": (3, 15)}, "python"),
        ({"system": "freebsd14", "libc": ""}, "machine"),
    ],
    ids=str,
)
def test_for_whom_there_is_no_wheel(changes, why):
    assert (no_cuda_wheel(Platform(**changes)) or (None,))[0] == why
