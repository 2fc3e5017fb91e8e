"""Asking the driver, onnxruntime and torch, each in a process of its own: any of them can print, crash or hang."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib import metadata
from pathlib import Path
from typing import Any

from export.cuda import Device, Driver
from export.doctor.commands import pip_command
from export.doctor.facts import Facts
from export.doctor.platforms import this_platform
from export.errors import visible

TIMEOUT_S = 120.0

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
import json, os, warnings
answer_to = os.dup(1)
os.dup2(2, 1)
import torch
answer = {"version": str(torch.__version__), "cuda": torch.version.cuda, "device": None, "count": 0}
with warnings.catch_warnings(record=True) as said:
    warnings.simplefilter("always")
    if torch.cuda.is_available():
        answer |= {"device": torch.cuda.get_device_name(0), "count": torch.cuda.device_count()}
    elif torch.version.cuda:
        try:
            torch.cuda.init()
        except Exception as error:
            answer["said"] = str(error).split("\\n")[0][:300]
os.write(answer_to, json.dumps(answer).encode())
"""


def gather(*, torch: bool = True) -> Facts:
    """Everything there is to know about this box; takes as long as the slowest process, about a second or two.

    torch: False asks its files alone for its version, which is enough for what onnxruntime lacks.
    """
    visible_devices = os.environ.get("CUDA_VISIBLE_DEVICES")
    unmasked = {key: value for key, value in os.environ.items() if key != "CUDA_VISIBLE_DEVICES"}
    with ThreadPoolExecutor(4) as at_once:
        driver = at_once.submit(ask, ["-m", "export.cuda"])
        session = at_once.submit(ask, ["-m", "export.session_probe"])
        trained = at_once.submit(ask, ["-c", _TORCH]) if torch else None
        bare = at_once.submit(ask, ["-m", "export.cuda"], unmasked) if visible_devices is not None else None
    found = _driver(driver.result())
    return Facts(
        platform=this_platform(),
        pip=pip_command(),
        visible=visible_devices,
        driver=found,
        unmasked=len(_driver(bare.result()).devices) if bare else len(found.devices),
        driver_error=str(driver.result().get("error", "")),
        packages=onnxruntime_packages(),
        session=session.result(),
        torch=torch_on_disk() | (trained.result() if trained else {}),
    )


def ask(arguments: Sequence[str], environment: Mapping[str, str] | None = None) -> dict[str, Any]:
    """The JSON object on the last line that another Python prints; ``{"error": …}`` where it prints none."""
    try:
        done = subprocess.run(
            [sys.executable, "-P", *arguments],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=TIMEOUT_S,
            check=False,
            text=True,
            errors="replace",
            env=environment,
        )
        answer = json.loads((done.stdout.strip().splitlines() or [""])[-1])
        if not isinstance(answer, dict):
            raise ValueError("no object")
    except subprocess.TimeoutExpired:
        return {"error": f"no answer within {TIMEOUT_S:.0f} s"}
    except OSError as error:
        return {"error": str(error)}
    except ValueError:
        said = [line for line in done.stderr.splitlines() if line.strip()]
        crashed = f"it was ended by {signal.Signals(-done.returncode).name}" if done.returncode < 0 else ""
        return {"error": visible(crashed or (said[-1] if said else f"it ended with status {done.returncode}"))[:300]}
    return answer


def onnxruntime_packages() -> dict[str, str]:
    """Every installed distribution that brings the module ``onnxruntime``, with its version."""
    found: dict[str, str] = {}
    for distribution in metadata.distributions():
        name = (distribution.metadata["Name"] or "").lower().replace("_", "-")
        if name in _PACKAGES:
            found.setdefault(name, distribution.version)  # the first on the path is the one that is imported
    return found


def torch_on_disk() -> dict[str, Any]:
    """``version`` and ``cuda`` of the installed torch, from its version.py, which is not run; empty: no torch."""
    spec = importlib.util.find_spec("torch")
    try:
        text = (Path((spec and spec.origin) or "").parent / "version.py").read_text(encoding="utf-8")
    except OSError:
        return {}
    found = dict(re.findall(r"^(__version__|cuda)\b[^=\n]*= *['\"]([^'\"]+)['\"]", text, re.MULTILINE))
    return {"version": found.get("__version__"), "cuda": found.get("cuda")}


def _driver(answer: dict[str, Any]) -> Driver:
    if "error" in answer:
        return Driver()
    return Driver(**{**answer, "devices": tuple(Device(**device) for device in answer["devices"])})
