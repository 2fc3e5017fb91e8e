"""The bundle that is meant, opened: by its own folder, or by the run that it was exported from."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from export.bundle import Bundle, damaged, is_bundle, read_bundle, read_listed
from export.errors import ToolError, nearest
from trainer.runs.folder import RunFolder, find_runs, is_run

if TYPE_CHECKING:
    from export.runtime import Model, Provider
    from export.scores import Scores
    from trainer.runs.probe import Probe


@dataclass(frozen=True)
class Opened:
    """A bundle whose graphs are ready to run."""

    bundle: Bundle
    model: Model

    @property
    def image_shape(self) -> tuple[int, int, int]:
        """Channels, height, width."""
        return self.bundle.manifest.image_shape

    @property
    def points(self) -> bool:
        """Whether its images are rows of numbers, [1, 1, d], of which no picture can be made."""
        return self.image_shape[:2] == (1, 1)

    @property
    def unbounded(self) -> bool:
        """Whether its values are coordinates: any finite number, not pixels in [0, 1]."""
        return self.points and self.bundle.manifest.input_range != (0.0, 1.0)

    @property
    def head(self) -> str:
        """The name of the code: ``latent``, or ``mean`` where it is a distribution's."""
        return next(iter(self.bundle.manifest.heads))

    def summary(self) -> dict[str, str]:
        """What every summary begins with."""
        manifest = self.bundle.manifest
        return {
            "bundle": str(self.bundle.folder),
            "run": manifest.name,
            "variant": manifest.variant,
            "provider": self.model.provider,
        }

    def probe(self) -> Probe:
        """The bundle's own images. Raises ToolError: exit 2 where it has none, 3 where they are damaged."""
        from trainer.runs.probe import read_probe

        if "probe.npz" not in self.bundle.manifest.files:
            raise ToolError(
                f"bundle {self.bundle.folder} has no images of its own",
                why="it holds no probe.npz, as live weights do not",
                do="name images: a file, a folder, an .npy or an .npz",
            )
        _listed(self.bundle, "probe.npz")
        probe = read_probe(self.bundle.probe_path)
        if probe.images.shape[1:] != self.image_shape:
            raise damaged(self.bundle.folder, f"probe.npz holds images {list(probe.images.shape[1:])}")
        return probe

    def scores(self) -> Scores | None:
        """What its training images scored; None where the bundle does not say. Raises ToolError (exit 3)."""
        from export.scores import scores_from_npz

        if "scores.npz" not in self.bundle.manifest.files:
            return None
        try:
            scores = scores_from_npz(_listed(self.bundle, "scores.npz"))
            if len(scores.codes.mean) != self.bundle.manifest.latent_dim:
                raise ValueError(f"it speaks of codes {len(scores.codes.mean)} wide")
        except ValueError as error:
            raise damaged(self.bundle.folder, f"scores.npz: {error}") from error
        return scores


def open_bundle(given: str, runs_dir: Path, provider: Provider) -> Opened:
    """The bundle that ``given`` means, opened.

    Raises ToolError: exit 2 where there is none, 3 where it is damaged or the provider is not to be had.
    """
    from export.runtime import open_model

    bundle = read_bundle(find_bundle(given, runs_dir))
    return Opened(bundle, open_model(bundle, provider))


def find_bundle(given: str, runs_dir: Path) -> Path:
    """The folder of the bundle: ``given`` itself, or what the run of that name or folder was exported to.

    Raises ToolError (exit 2) where the run has no bundle, or nothing is there.
    """
    if is_bundle(Path(given)):
        return Path(given)
    for path in (runs_dir / given, Path(given)):
        if is_run(path):
            return _exported(RunFolder(path), given, runs_dir)
    if Path(given).exists():
        return Path(given)  # for read_bundle to say what it is
    guess = nearest(given, [run.name for run in find_runs(runs_dir)])
    raise ToolError(
        f"no bundle and no run {given!r}",
        why=f"neither {given} nor {runs_dir / given} is there",
        do=f"did you mean {guess!r}?" if guess else "name the folder that aetrain export printed, or a run",
    )


def _exported(run: RunFolder, given: str, runs_dir: Path) -> Path:
    standing = [run.bundle(), *sorted(run.bundle().parent.glob("[!.]*"))]
    for folder in standing:
        if is_bundle(folder):
            return folder
    where = "" if runs_dir == Path("runs") else f" --runs-dir {runs_dir}"
    raise ToolError(
        f"run {run.path} has no bundle yet",
        why=f"{run.bundle()} is not there",
        do=f"aetrain export {given}{where}   writes it",
    )


def _listed(bundle: Bundle, name: str) -> bytes:
    try:
        return read_listed(bundle.folder, bundle.manifest, name)
    except FileNotFoundError as error:
        raise damaged(bundle.folder, f"{name} is missing") from error
