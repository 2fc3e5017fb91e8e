"""What torch and onnxruntime really use on this box, why not CUDA if not, and the one command that fixes it.

Both are asked in processes of their own: either can print, crash or hang.
"""

from __future__ import annotations

import dataclasses
import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path
from typing import Any, Literal

from export.errors import visible

TIMEOUT_S = 120.0

INSTALL = 'python -m pip install "onnxruntime-gpu[cuda,cudnn]>=1.31,<2"'

State = Literal["ok", "note", "bad"]


@dataclass(frozen=True)
class Row:
    """One fact. state: ``ok``, ``note`` (worth knowing) or ``bad`` (the fix is for this)."""

    what: str
    found: str
    state: State = "ok"


@dataclass(frozen=True, kw_only=True)
class Report:
    """provider: ``CUDA`` or ``CPU``, from a real session. reason: why not CUDA. fix: one command, if one helps."""

    rows: tuple[Row, ...]
    provider: str
    reason: str | None
    fix: str | None

    def as_json(self) -> dict[str, Any]:
        return dataclasses.asdict(self)


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What was found on this box, before any judgement.

    torch, session: the answers of the two processes; ``{"error": …}`` where there was none. gpu: an NVIDIA device is on
    the PCI bus or in /dev. hidden: ``CUDA_VISIBLE_DEVICES`` hides every device.
    """

    packages: dict[str, str] = field(default_factory=dict)
    torch: dict[str, Any] = field(default_factory=dict)
    session: dict[str, Any] = field(default_factory=dict)
    gpu: bool = False
    hidden: bool = False


def examine() -> Report:
    """Look at this box; takes the seconds that importing torch takes. A broken install is a finding, not an error."""
    torch = _ask(["-c", _TORCH])
    session = _ask(["-m", "export.session_probe"])
    return report(
        Facts(
            packages=onnxruntime_packages(),
            torch=torch,
            session=session,
            gpu=nvidia_hardware(),
            hidden=os.environ.get("CUDA_VISIBLE_DEVICES", "all").strip() in ("", "-1"),
        )
    )


def report(facts: Facts) -> Report:
    """The rows, the reason and the fix for what was found; a pure function."""
    reason, fix = diagnose(facts)
    cuda = "CUDAExecutionProvider" in facts.session.get("providers", [])
    return Report(
        rows=(_torch_row(facts), *_onnxruntime_rows(facts), _driver_row(facts), _session_row(facts, reason)),
        provider="CUDA" if cuda else "CPU",
        reason=reason,
        fix=fix,
    )


def diagnose(facts: Facts) -> tuple[str | None, str | None]:
    """(why onnxruntime or torch does not use CUDA, the one command that helps), each None where there is none."""
    packages, session = facts.packages, facts.session
    if not packages:
        return "onnxruntime is not installed", INSTALL
    if len(packages) > 1:
        # They unpack into one folder: the last one installed wins, and removing either breaks both.
        names = " ".join(sorted(packages))
        return (
            f"{' and '.join(sorted(packages))} overwrite each other",
            f"python -m pip uninstall -y {names} && {INSTALL}",
        )
    if "error" in session:
        return f"onnxruntime does not start: {session['error']}", f"{INSTALL} --force-reinstall"
    if "CUDAExecutionProvider" in session.get("providers", []):
        return _diagnose_torch(facts)
    return _diagnose_session(facts)


def _diagnose_session(facts: Facts) -> tuple[str | None, str | None]:
    device, why = facts.session.get("no_device"), facts.session.get("no_cuda")
    (package,) = facts.packages
    if facts.hidden and facts.gpu:
        return "CUDA_VISIBLE_DEVICES hides every device", "unset CUDA_VISIBLE_DEVICES"
    if device:
        if not facts.gpu:
            return "this box has no NVIDIA GPU", None
        if Path("/.dockerenv").exists():
            return f"{device}, in a container", "docker run --gpus all …   (on the host, with nvidia-container-toolkit)"
        return (
            f"{device}, though there is an NVIDIA GPU",
            "nvidia-smi   (install the NVIDIA driver, 580 or newer, if it fails)",
        )
    if "CUDAExecutionProvider" not in facts.session.get("available", []):
        return f"{package} is built without CUDA", f"python -m pip uninstall -y {package} && {INSTALL}"
    said = facts.session.get("said") or why or "onnxruntime does not say why"
    if "driver version is insufficient" in said:
        return said, "nvidia-smi   (the driver has to be 580 or newer for CUDA 13)"
    return str(why or said).removesuffix("; run aetrain doctor"), INSTALL


def _diagnose_torch(facts: Facts) -> tuple[str | None, str | None]:
    if facts.torch.get("device"):
        return None, None
    if "error" in facts.torch:
        return f"torch does not start: {facts.torch['error']}", "python -m pip install --force-reinstall torch"
    if not facts.torch.get("cuda"):
        command = "python -m pip install --force-reinstall torch --index-url https://download.pytorch.org/whl/cu130"
        return "torch is a build without CUDA: training uses the CPU", command
    return "torch finds no CUDA device, though onnxruntime does: training uses the CPU", "nvidia-smi"


def onnxruntime_packages() -> dict[str, str]:
    """Every installed distribution that brings the module ``onnxruntime``, with its version."""
    found = {}
    for distribution in metadata.distributions():
        name = (distribution.metadata["Name"] or "").lower().replace("_", "-")
        if name in _PACKAGES:
            found[name] = distribution.version
    return found


def nvidia_hardware() -> bool:
    """True where an NVIDIA display device is on the PCI bus, or the kernel module has made its files in /dev."""
    if Path("/dev/nvidiactl").exists() or Path("/dev/dxg").exists():
        return True
    for folder in Path("/sys/bus/pci/devices").glob("*"):
        try:
            vendor, kind = (folder / "vendor").read_text().strip(), (folder / "class").read_text()
        except OSError:
            continue
        if vendor == "0x10de" and kind.startswith("0x03"):
            return True
    return False


_PACKAGES = (
    "onnxruntime",
    "onnxruntime-gpu",
    "onnxruntime-directml",
    "onnxruntime-openvino",
    "onnxruntime-training",
    "onnxruntime-qnn",
    "onnxruntime-rocm",
    "onnxruntime-migraphx",
)

_TORCH = """
import json, torch
cuda = torch.cuda.is_available()
print(json.dumps({
    "version": str(torch.__version__), "cuda": torch.version.cuda,
    "device": torch.cuda.get_device_name(0) if cuda else None, "count": torch.cuda.device_count() if cuda else 0,
}))
"""


def _ask(arguments: list[str]) -> dict[str, Any]:
    """The JSON object on the last line that another Python prints; ``{"error": …}`` where it prints none."""
    command = [sys.executable, "-P", *arguments]
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=TIMEOUT_S,
            check=False,
            text=True,
            errors="replace",
        )
        answer = json.loads((done.stdout.strip().splitlines() or [""])[-1])
        if not isinstance(answer, dict):
            raise ValueError("no object")
    except subprocess.TimeoutExpired:
        return {"error": f"no answer within {TIMEOUT_S:.0f} s"}
    except OSError as error:
        return {"error": str(error)}
    except ValueError:
        said = done.stderr.strip().splitlines()
        return {"error": visible(said[-1] if said else f"it ended with status {done.returncode}")[:300]}
    return answer


def _torch_row(facts: Facts) -> Row:
    if "error" in facts.torch:
        return Row("torch", facts.torch["error"], "bad")
    version, cuda, device = (facts.torch.get(key) for key in ("version", "cuda", "device"))
    if device:
        return Row("torch", f"{version}, CUDA {cuda}, {facts.torch.get('count', 1)} × {device}")
    state: State = "bad" if facts.gpu and not cuda else "note"
    return Row("torch", f"{version}, {f'CUDA {cuda}, but no device' if cuda else 'a build without CUDA'}", state)


def _onnxruntime_rows(facts: Facts) -> list[Row]:
    if not facts.packages:
        return [Row("onnxruntime", "not installed", "bad")]
    shown = ", ".join(f"{name} {version}" for name, version in sorted(facts.packages.items()))
    rows = [Row("onnxruntime", shown, "ok" if len(facts.packages) == 1 else "bad")]
    available = [name.removesuffix("ExecutionProvider") for name in facts.session.get("available", [])]
    if available:
        rows.append(Row("built with", ", ".join(available), "note"))
    return rows


def _driver_row(facts: Facts) -> Row:
    device = facts.session.get("no_device")
    if device is None and "driver" in facts.session:
        return Row("NVIDIA driver", f"CUDA {facts.session['driver']}, {facts.session.get('devices', '?')} device(s)")
    return Row("NVIDIA driver", device or "unknown", "bad" if facts.gpu else "note")


def _session_row(facts: Facts, reason: str | None) -> Row:
    if "error" in facts.session:
        return Row("a real session", facts.session["error"], "bad")
    names = [name.removesuffix("ExecutionProvider") for name in facts.session.get("providers", [])]
    cuda = "CUDA" in names
    shown = f"runs on {names[0] if names else 'nothing'}"
    return Row(
        "a real session",
        shown if cuda or not reason else f"{shown}: {reason}",
        "ok" if cuda or not facts.gpu else "bad",
    )
