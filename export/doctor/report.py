"""What the doctor says: the facts in rows, the findings, and what to do."""

from __future__ import annotations

import dataclasses
from collections import Counter
from dataclasses import dataclass
from typing import Any

from export.cuda import Device
from export.doctor.cause import Finding, State, shown_cuda
from export.doctor.causes import findings
from export.doctor.facts import Facts


@dataclass(frozen=True)
class Row:
    """One fact. state: ``ok``, ``note`` (worth knowing) or ``bad`` (there is something to mend)."""

    what: str
    found: str
    state: State = "ok"


@dataclass(frozen=True, kw_only=True)
class Report:
    """provider: ``CUDA`` or ``CPU``, from a real session. findings: about the driver, onnxruntime and torch, one each.

    driver_cuda: the newest CUDA that the driver runs. devices: name, memory_bytes and capability of each GPU in use.
    """

    rows: tuple[Row, ...]
    provider: str
    findings: tuple[Finding, ...]
    driver_cuda: str | None
    devices: tuple[dict[str, Any], ...]

    @property
    def worst(self) -> Finding | None:
        """The first finding that is bad, or else the first that is worth knowing; None where all is well."""
        for state in ("bad", "note"):
            for finding in self.findings:
                if finding.state == state:
                    return finding
        return None

    @property
    def state(self) -> State:
        """``bad`` where there is something to mend, ``note`` where this box has no more to give, else ``ok``."""
        return self.worst.state if self.worst else "ok"

    def as_json(self) -> dict[str, Any]:
        """``state``, ``cause``, ``reason``, ``fix`` of the worst finding in front, then everything."""
        worst = self.worst
        front = {
            "provider": self.provider,
            "state": self.state,
            "cause": worst.cause if worst else "ok",
            "reason": worst.reason if worst else None,
            "fix": worst.fix if worst else None,
        }
        return front | dataclasses.asdict(self)


def report(facts: Facts) -> Report:
    """Judge what was found; a pure function."""
    found = findings(facts)
    states: dict[str, State] = {finding.about: finding.state for finding in found}
    return Report(
        rows=(
            _driver_row(facts, states["driver"]),
            *(_device_row(device, count) for device, count in Counter(facts.driver.devices).items()),
            *_onnxruntime_rows(facts, states["onnxruntime"]),
            _torch_row(facts, states["torch"]),
        ),
        provider="CUDA" if "CUDAExecutionProvider" in facts.session.get("providers", []) else "CPU",
        findings=found,
        driver_cuda=shown_cuda(facts.driver.version) if facts.driver.version else None,
        devices=tuple(dataclasses.asdict(device) for device in facts.driver.devices),
    )


def _driver_row(facts: Facts, state: State) -> Row:
    driver = facts.driver
    if facts.driver_error:
        return Row("NVIDIA driver", facts.driver_error, state)
    if not driver.found:
        return Row("NVIDIA driver", "none", state)
    known = f"for CUDA {shown_cuda(driver.version)}" if driver.version else "of unknown version"
    if driver.status:
        return Row("NVIDIA driver", f"{known}, answers {driver.status}", state)
    return Row("NVIDIA driver", known if driver.devices else f"{known}, no device", state)


def _device_row(device: Device, count: int) -> Row:
    times = f"{count} x " if count > 1 else ""
    return Row(
        "GPU", f"{times}{device.name}, {device.memory_bytes / 2**30:.1f} GiB, compute capability {device.capability}"
    )


def _onnxruntime_rows(facts: Facts, state: State) -> list[Row]:
    packages = ", ".join(f"{name} {version}" for name, version in sorted(facts.packages.items()))
    installed: State = "ok" if len(facts.packages) == 1 and "error" not in facts.session else state
    if "error" in facts.session:
        return [Row("onnxruntime", packages or "not installed", installed)]
    built = "CUDA" if "CUDAExecutionProvider" in facts.session.get("available", []) else ""
    known = f"{built} {facts.onnxruntime_cuda}" if facts.onnxruntime_cuda else built
    used = [name.removesuffix("ExecutionProvider") for name in facts.session.get("providers", [])]
    shown = packages or f"onnxruntime {facts.session.get('version', 'of unknown version')}"
    return [
        Row("onnxruntime", f"{shown}, {f'built for {known}' if known else 'built without CUDA'}", installed),
        Row("a real session", f"runs on {used[0] if used else 'nothing'}", state),
    ]


def _torch_row(facts: Facts, state: State) -> Row:
    if "error" in facts.torch:
        return Row("torch", facts.torch["error"], state)
    version, cuda, device = (facts.torch.get(key) for key in ("version", "cuda", "device"))
    built = f"built for CUDA {cuda}" if cuda else "built without CUDA"
    count = facts.torch.get("count", 0)
    return Row("torch", f"{version}, {built}, trains on {f'{count} x {device}' if device else 'the CPU'}", state)
