"""Running a bundle with onnxruntime: which provider really runs, and why it is not CUDA where it is not.

No torch. onnxruntime is imported when a model is opened; what it prints stays inside as far as it lets us.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, get_args

import numpy as np
import numpy.typing as npt

from export.bundle import Bundle
from export.cuda import DOCTOR, why_not_cuda
from export.errors import ExitCode, ToolError, unknown
from export.silence import silence

Provider = Literal["auto", "cuda", "cpu"]
Array = npt.NDArray[np.float32]

_FLOAT32 = np.dtype(np.float32)

_RECONSTRUCTION = ["reconstruction"]

BATCH = 1024
"""More images than this are run in pieces, so that the hidden layers of a large set fit into memory."""

CUDA_MEMORY_BYTES = 512 << 20
"""What one session may take of a GPU on which something else is training."""

_CUDA_OPTIONS = {
    "arena_extend_strategy": "kSameAsRequested",
    "gpu_mem_limit": str(CUDA_MEMORY_BYTES),
    "cudnn_conv_algo_search": "HEURISTIC",
    "use_tf32": "0",
}


class Model:
    """An encoder and a decoder, ready to run. ``open_model`` makes one.

    provider: ``CUDA`` or ``CPU``, as the sessions themselves say. reason: why it is not CUDA, one short clause.
    strict: what fails on CUDA is an error instead of being run on the CPU.
    """

    def __init__(self, bundle: Bundle, sessions: dict[str, Any], reason: str | None, *, strict: bool = False) -> None:
        self._bundle = bundle
        self._strict = strict
        self._sessions = sessions
        self.manifest = bundle.manifest
        self.provider = "CUDA" if all(map(_uses_cuda, sessions.values())) else "CPU"
        self.reason = None if self.provider == "CUDA" else reason

    def encode(self, images: Array) -> dict[str, Array]:
        """float32 [n, C, H, W] in [0, 1], n ≥ 0 → every head by name, float32 [n, …]. Raises ToolError."""
        heads = list(self.manifest.heads)
        return dict(zip(heads, self._run("encoder", "image", images, self.manifest.image_shape, heads), strict=True))

    def code(self, images: Array) -> Array:
        """The first head: the code, or the mean of its distribution; float32 [n, latent_dim]. Raises ToolError."""
        return self.encode(images)[next(iter(self.manifest.heads))]

    def decode(self, latent: Array) -> Array:
        """float32 [n, latent_dim] → float32 [n, C, H, W] in [0, 1]. Raises ToolError."""
        return self._run("decoder", "latent", latent, (self.manifest.latent_dim,), _RECONSTRUCTION)[0]

    def reconstruct(self, images: Array) -> tuple[Array, Array]:
        """float32 [n, C, H, W] → (code [n, latent_dim], reconstruction [n, C, H, W]). Raises ToolError."""
        latent = self.code(images)
        return latent, self.decode(latent)

    def session(self, part: str) -> Any:
        """The onnxruntime session of ``encoder`` or ``decoder``."""
        return self._sessions[part]

    def _run(self, part: str, name: str, values: Array, shape: tuple[int, ...], outputs: list[str]) -> list[Array]:
        values = _checked(values, name, shape)
        return _in_pieces(lambda piece: self._run_piece(part, outputs, {name: piece}), values)

    def _run_piece(self, part: str, outputs: list[str], feed: dict[str, Array]) -> list[Array]:
        try:
            answer: list[Array] = self._sessions[part].run(outputs, feed)
            return answer
        except Exception as error:  # onnxruntime raises many kinds, also UnicodeDecodeError
            if self.provider == "CUDA" and not self._strict:
                # A training run may have taken the memory since; looking goes on without the GPU.
                self._sessions = _open_sessions(self._bundle, ["CPUExecutionProvider"])
                self.provider, self.reason = "CPU", f"CUDA failed: {first_line(error)}"
                return self._run_piece(part, outputs, feed)
            raise _refused(self._bundle, f"{part}.onnx does not run", error) from error


def open_model(bundle: Bundle, provider: Provider = "auto") -> Model:
    """Open sessions for ``bundle``.

    auto: CUDA where it works, else CPU with the reason. cpu: CPU. cuda: CUDA or an error.
    Raises ToolError: exit 2 for another provider; exit 3 where onnxruntime refuses the graphs or CUDA is not to be had.
    """
    if provider not in get_args(Provider):
        raise unknown("provider", str(provider), get_args(Provider))
    reason: str | None = "asked for"
    if provider != "cpu":
        reason = why_not_cuda()
        if reason is None:
            model = _open_on_cuda(bundle, strict=provider == "cuda")
            if model.provider == "CUDA":
                return model
            reason = model.reason
        if provider == "cuda":
            from export.doctor import cuda_refused

            raise cuda_refused(reason or "onnxruntime does not say why")
    return Model(bundle, _open_sessions(bundle, ["CPUExecutionProvider"]), reason)


def session_options() -> Any:
    """One quiet thread: for networks this small, two spinning ones cost fifteen times the CPU and gain nothing."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.add_session_config_entry("session.inter_op.allow_spinning", "0")
    options.log_severity_level = 4
    return options


def open_session(graph: bytes, providers: list[Any]) -> Any:
    """An onnxruntime session on the bytes of a graph; silent. Raises whatever onnxruntime raises."""
    with silence():
        import onnxruntime

        # For good: what fails on CUDA later, as it runs, is told through this logger too, which writes to fd 2.
        onnxruntime.set_default_logger_severity(4)
        # Without the fall-back, which prints a banner on stdout; falling back is our own decision.
        return onnxruntime.InferenceSession(graph, session_options(), providers=providers, enable_fallback=0)


def run_session(session: Any, outputs: list[str], feed: dict[str, npt.NDArray[Any]]) -> list[npt.NDArray[Any]]:
    """``outputs`` of ``session`` for the one input in ``feed``, of any size. Raises as onnxruntime does."""
    ((name, values),) = feed.items()
    return _in_pieces(lambda piece: session.run(outputs, {name: piece}), values)


def _in_pieces(
    run: Callable[[npt.NDArray[Any]], list[npt.NDArray[Any]]], values: npt.NDArray[Any]
) -> list[npt.NDArray[Any]]:
    """What ``run`` gives for ``values``, at most ``BATCH`` of them at a time; few are neither cut nor copied."""
    if len(values) <= BATCH:
        return run(values)
    pieces = [run(values[start : start + BATCH]) for start in range(0, len(values), BATCH)]
    return [np.concatenate(column) for column in zip(*pieces, strict=True)]


def _open_on_cuda(bundle: Bundle, *, strict: bool) -> Model:
    """A model on CUDA, or on the CPU with the reason, where the libraries are there and CUDA still does not start."""
    try:
        sessions = _open_sessions(bundle, [("CUDAExecutionProvider", _CUDA_OPTIONS), "CPUExecutionProvider"])
        return Model(bundle, sessions, f"onnxruntime could not start CUDA; {DOCTOR}", strict=strict)
    except ToolError as error:
        return Model(bundle, _open_sessions(bundle, ["CPUExecutionProvider"]), f"CUDA failed: {error.why}")


def _open_sessions(bundle: Bundle, providers: list[Any]) -> dict[str, Any]:
    sessions = {}
    for part, graph in (("encoder", bundle.encoder), ("decoder", bundle.decoder)):
        try:
            sessions[part] = open_session(graph, providers)
        except Exception as error:  # see _run_piece
            raise _refused(bundle, f"onnxruntime refuses {part}.onnx", error) from error
    return sessions


def _uses_cuda(session: Any) -> bool:
    return "CUDAExecutionProvider" in session.get_providers()


def _checked(values: Array, name: str, shape: tuple[int, ...]) -> Array:
    if isinstance(values, np.ndarray) and values.dtype == _FLOAT32 and values.shape[1:] == shape:
        # As quickly as can be told: this stands in the way to every frame.
        return values if values.flags.c_contiguous else np.ascontiguousarray(values)
    array = np.asarray(values)
    if array.dtype != _FLOAT32 or array.ndim != len(shape) + 1 or array.shape[1:] != shape:
        wanted = ", ".join(["n", *map(str, shape)])
        raise ToolError(
            f"{name} is {array.dtype} {list(array.shape)}, the model takes float32 [{wanted}]",
            why="the shape was fixed when the network was trained",
            do="give images of that shape" if name == "image" else "give codes of that width",
        )
    return np.ascontiguousarray(array)


def _refused(bundle: Bundle, fact: str, error: Exception) -> ToolError:
    return ToolError(
        f"bundle {bundle.folder}: {fact}",
        why=first_line(error),
        do="aetrain verify the bundle; export it again if it is damaged",
        exit_code=ExitCode.DAMAGED,
    )


def first_line(error: Exception) -> str:
    """What a library says in its first line; the rest is for its own developers."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:300]
