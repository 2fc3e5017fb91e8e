"""A bundle's own test vectors, in any of the runtimes: does it still compute what it did, and if not, what does not?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from export.agreement import compare, largest_value, tolerance
from export.bundle import damaged
from export.errors import ExitCode, ToolError
from export.first_difference import FirstDifference, first_difference, oracles
from export.manifest import Manifest
from export.runtime import first_line
from export.runtimes import Array, Runtime, own_words


@dataclass(frozen=True)
class Part:
    """A graph of a bundle, what it is given and what it has to answer, by name; batch in front."""

    name: str
    """``encoder``, ``decoder``, or one of them with ``_u8``: the file without its ending."""
    graph: bytes = field(repr=False)
    given: dict[str, Array]
    wanted: dict[str, Array]


class WrongAnswerError(ToolError):
    """A runtime's answers are not the bundle's (exit 3). where: the first node that differs, where one was found."""

    def __init__(self, what: str, *, why: str, do: str, where: FirstDifference | None = None) -> None:
        super().__init__(what, why=why, do=do, exit_code=ExitCode.DAMAGED)
        self.where = where


def read_parts(folder: Path, manifest: Manifest, files: dict[str, bytes]) -> list[Part]:
    """The graphs of a verified bundle, two or four, each with its vectors.

    Raises ToolError (exit 3) where those are missing or no tensors.
    """
    ports = {"encoder": ("image", list(manifest.heads)), "decoder": ("latent", ["reconstruction"])}
    parts = []
    for name in ("encoder", "decoder", "encoder_u8", "decoder_u8"):
        if name in ports or f"{name}.onnx" in files:
            given, outputs = ports[name.removesuffix("_u8")]
            at = f"test_data_set_0/{name}"
            wanted = {output: _tensor(folder, files, f"{at}/output_{i}.pb") for i, output in enumerate(outputs)}
            inputs = {given: _tensor(folder, files, f"{at}/input_0.pb")}
            parts.append(Part(name, files[f"{name}.onnx"], inputs, wanted))
    return parts


def self_test(folder: Path, precision: str, parts: list[Part], runtime: Runtime) -> dict[str, float]:
    """The largest difference per output (``decoder.reconstruction``), with all vectors at once, with one, with none.

    With none only where the runtime can. precision: of the graphs; the tolerance follows it (``export.agreement``).
    Raises WrongAnswerError (exit 3), and ToolError where the runtime refuses a graph: exit 1, since another one may
    take it, and exit 3 where it is onnxruntime, for which the bundle was made.
    """
    worst: dict[str, float] = {}
    for part in parts:
        for size, found in _answers(folder, part, runtime):
            for name, answer in found.items():
                wanted = part.wanted[name][:size]
                if answer.shape != wanted.shape:
                    shapes = f"shape {list(answer.shape)}, its test vector {list(wanted.shape)}"
                    raise damaged(folder, f"{part.name}.onnx: {name} has {shapes}")
                difference = compare(answer, wanted, precision, largest_value(part.wanted[name]))
                if difference.excessive:
                    raise _wrong(folder, part, name, size, difference.largest, precision, runtime)
                key = f"{part.name}.{name}"
                worst[key] = max(worst.get(key, 0.0), difference.largest)
    return worst


def _answers(folder: Path, part: Part, runtime: Runtime) -> Iterator[tuple[int, dict[str, Array]]]:
    """What ``runtime`` answers to all vectors, to the first, and to none of them: (how many, output by name)."""
    count = len(next(iter(part.given.values())))
    sizes = dict.fromkeys((count, 1, *([0] if runtime.empty_batch else [])))
    try:
        run = runtime.open(part.graph, list(part.wanted))
        for size in sizes:
            answers = run({name: values[:size] for name, values in part.given.items()})
            yield size, dict(zip(part.wanted, answers, strict=True))
    except Exception as error:  # each runtime raises its own kinds
        if runtime.name == "ort":
            why = first_line(error)
            raise damaged(folder, f"{part.name}.onnx does not run on its test vectors", why) from error
        raise cannot_run(folder, part.name, runtime, own_words(error)) from error


def cannot_run(folder: Path, graph: str, runtime: Runtime, why: str) -> ToolError:
    """The error (exit 1) for a runtime that does not take a graph: which is no fault of the graph."""
    return ToolError(
        f"{runtime.name} {runtime.version()} cannot run {graph}.onnx of {folder}",
        why=why,
        do=f"use another runtime or version; whether the bundle is whole: aetrain verify {folder}",
        exit_code=ExitCode.FAILED,
    )


def _wrong(
    folder: Path, part: Part, name: str, size: int, largest: float, precision: str, runtime: Runtime
) -> ToolError:
    """The error for an answer that is not the vector, with the reason that a second runtime can tell."""
    rounding = tolerance(part.wanted[name].dtype, precision, largest_value(part.wanted[name]))
    measure = "a root mean square of " if precision == "int8" else ""
    fact = (
        f"{part.name}.onnx: {name} differs from its test vector by {largest:.3g} in {runtime.name} "
        f"at batch {size}; {measure}{rounding:.2g} would be rounding"
    )
    given = {key: values[:size] for key, values in part.given.items()}
    wanted = {key: values[:size] for key, values in part.wanted.items()}
    for oracle in oracles(runtime):
        if size or oracle.empty_batch:
            try:
                return _explained(folder, fact, Part(part.name, part.graph, given, wanted), precision, runtime, oracle)
            except Exception:  # an oracle that cannot run the graph says nothing about it
                continue
    return _mistaken(fact, folder, part, runtime, "no second runtime is here that could say at which node")


def _explained(folder: Path, fact: str, part: Part, precision: str, runtime: Runtime, oracle: Runtime) -> ToolError:
    names = list(part.wanted)
    by_oracle = dict(zip(names, oracle.open(part.graph, names)(part.given), strict=True))
    answers = dict(zip(names, runtime.open(part.graph, names)(part.given), strict=True))

    def agree(a: dict[str, Array], b: dict[str, Array]) -> bool:
        return not any(compare(a[name], b[name], precision).excessive for name in names)

    if agree(answers, by_oracle):
        both = f"{runtime.name} {runtime.version()} and {oracle.name} {oracle.version()}"
        if agree(by_oracle, part.wanted):
            return _mistaken(fact, folder, part, runtime, f"{both} agree; it is a little more than rounding")
        apart = max(compare(answers[name], by_oracle[name]).largest for name in names)
        return damaged(folder, fact, f"{both} agree to {apart:.1g}: the vectors are of other weights than the graph")
    where = first_difference(part.graph, part.given, runtime, oracle, precision)
    why = where.sentence(runtime.name) if where else f"{oracle.name} agrees with the vector; no node alone is at fault"
    if not agree(by_oracle, part.wanted):
        why += f"; the vector is neither's: {oracle.name} does not agree with it"
    return _mistaken(fact, folder, part, runtime, why, where)


def _mistaken(
    fact: str, folder: Path, part: Part, runtime: Runtime, why: str, where: FirstDifference | None = None
) -> WrongAnswerError:
    return WrongAnswerError(
        f"bundle {folder} is not computed rightly: {fact}",
        why=why,
        do=f"use another runtime, or another version of {runtime.package}; to report it there: {part.name}.onnx with "
        f"test_data_set_0/{part.name}",
        where=where,
    )


def _tensor(folder: Path, files: dict[str, bytes], name: str) -> Array:
    import onnx
    from onnx import numpy_helper

    if name not in files:
        raise damaged(folder, f"{name} is not listed in manifest.json", "a verified bundle brings its test vectors")
    try:
        tensor = onnx.TensorProto.FromString(files[name])
        if tensor.data_location == onnx.TensorProto.EXTERNAL or tensor.external_data:
            raise ValueError("its data lies in another file")
        array: Array = numpy_helper.to_array(tensor)
        if not array.ndim or not np.issubdtype(array.dtype, np.number):
            raise ValueError("it is not a batch of numbers")
    except Exception as error:  # protobuf's own exceptions differ between its backends
        raise damaged(folder, f"{name} is not a tensor", first_line(error)) from error
    return array
