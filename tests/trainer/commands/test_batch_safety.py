"""Batch commands as processes: no torch, memory that does not grow, nothing lost and nothing half-written."""

from __future__ import annotations

import os
import pty
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import PIL.Image
import pytest

from export.errors import ExitCode
from trainer import cli

from ..linear_bundles import Linear, linear_bundle, run_of
from .calling import refused

SHAPE = (1, 28, 28)
TRAINING = np.random.default_rng(1).random((200, *SHAPE)).astype(np.float32)

_MEASURED = """
import contextlib, resource, sys
import trainer.cli
try:
    trainer.cli.main(sys.argv[1:])
except SystemExit as left:
    assert not left.code, left.code
heavy = [name for name in ("torch", "textual", "sklearn", "scipy") if name in sys.modules]
assert not heavy, heavy
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, file=sys.stderr)
"""


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="module")
def linear(tmp_path_factory: pytest.TempPathFactory) -> Linear:
    folder = tmp_path_factory.mktemp("vae") / "vae"
    return linear_bundle(folder, SHAPE, latent=16, variant="variational", training=TRAINING)


def peak_kb(*arguments: object) -> int:
    """The most memory that a command had, in a process of its own that must not have imported torch."""
    done = subprocess.run(
        # Through a small process: what a child has before it becomes another program counts as its own.
        ["/bin/sh", "-c", '"$0" "$@"; exit $?', sys.executable, "-c", _MEASURED, *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return int(done.stderr.split()[-1])


def save_noise(path: str, count: int) -> None:
    np.save(path, np.random.default_rng(0).integers(0, 256, (count, 28, 28), dtype=np.uint8))


@pytest.mark.parametrize(
    "words",
    [
        "encode BUNDLE x.npy --output c.npz",
        "encode BUNDLE x.npy --output c.npy",
        "encode BUNDLE x.npy --output c.csv",
        "decode BUNDLE codes.npy --output y.npy",
        "reconstruct BUNDLE x.npy --output y.npy",
        "denoise BUNDLE x.npy --noise gaussian --output y.npy",
        "sample BUNDLE --count COUNT --output y.npy",
        "score BUNDLE x.npy --output s.csv",
    ],
)
def test_memory_does_not_grow_with_the_images_and_nothing_imports_torch(linear: Linear, words: str) -> None:
    peaks = []
    for count in (1000, 12_000):  # 34 MB of float32 more; the images alone are 9 MB more
        save_noise("x.npy", count)
        np.save("codes.npy", np.random.default_rng(0).standard_normal((count, 16)).astype(np.float32))
        filled = words.replace("BUNDLE", str(linear.folder)).replace("COUNT", str(count))
        peaks.append(peak_kb(*filled.split(), "--force"))
    assert peaks[1] - peaks[0] < 6_000, peaks


def test_memory_does_not_grow_with_the_files_of_a_folder(linear: Linear) -> None:
    peaks = []
    for count in (300, 1500):  # 9 MB of uint8 more at the size of the files
        for number in range(count):
            path = Path(f"many/{number:05d}.png")
            path.parent.mkdir(exist_ok=True)
            if not path.exists():
                PIL.Image.new("L", (90, 90), number % 256).save(path)
        peaks.append(peak_kb("encode", linear.folder, "many", "--output", "c.npz", "--force", "--batch-size", 64))
    assert peaks[1] - peaks[0] < 6_000, peaks


def test_commands_that_make_pictures_import_no_torch(linear: Linear) -> None:
    peak_kb("sample", linear.folder, "--output", "s.png")
    peak_kb("interpolate", linear.folder, 1, 2, "--output", "w.gif")
    peak_kb("reconstruct", linear.folder, "--output", "pictures")


def _heed_ctrl_c() -> None:
    """Also where the tests run in the background of a script, which ignores it and lets all its children do so."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def test_ctrl_c_leaves_nothing_half_written(linear: Linear) -> None:
    # Black images, a minute's work; a file of nothing but zeros takes no room.
    np.lib.format.open_memmap("x.npy", "w+", np.uint8, (2_000_000, 28, 28))
    before = set(Path.cwd().iterdir())
    for output in ("pictures", "y.npy"):
        program = Path(sys.executable).parent / "aetrain"
        words = ["reconstruct", str(linear.folder), "x.npy", "--output", output]
        process = subprocess.Popen([program, *words], stderr=subprocess.PIPE, text=True, preexec_fn=_heed_ctrl_c)
        deadline = time.monotonic() + 60
        while set(Path.cwd().iterdir()) == before and time.monotonic() < deadline:
            time.sleep(0.01)
        assert set(Path.cwd().iterdir()) != before, "it did not begin"
        process.send_signal(signal.SIGINT)
        try:
            _, err = process.communicate(timeout=60)
        finally:
            process.kill()
        assert process.returncode == 130, err
        assert "Traceback" not in err
        assert set(Path.cwd().iterdir()) == before


def test_a_bar_is_drawn_on_a_terminal_only(linear: Linear) -> None:
    save_noise("x.npy", 4000)
    program = Path(sys.executable).parent / "aetrain"
    words = [str(program), "score", str(linear.folder), "x.npy"]
    own, terminal = pty.openpty()
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "80"}
    with subprocess.Popen(words, stderr=terminal, stdout=subprocess.DEVNULL, env=environment) as process:
        os.close(terminal)
        shown = b""
        while select.select([own], [], [], 60)[0]:
            try:
                piece = os.read(own, 1 << 16)
            except OSError:  # how Linux says that nobody writes any more
                break
            if not piece:
                break
            shown += piece
    os.close(own)
    assert process.returncode == 0
    assert b"scoring" in shown
    assert b"images/s" in shown
    piped = subprocess.run(words, capture_output=True, text=True, check=True)
    assert "scoring" not in piped.stderr
    assert "\x1b" not in piped.stdout + piped.stderr


@pytest.mark.parametrize(
    "words",
    [
        "encode BUNDLE --output OUT.npz",
        "encode BUNDLE --output OUT.csv",
        "decode BUNDLE codes.npy --output OUT.npy",
        "reconstruct BUNDLE --output OUT.npy",
        "denoise BUNDLE --output OUT.npy",
        "sample BUNDLE --output OUT.png",
        "interpolate BUNDLE 1 2 --output OUT.gif",
        "score BUNDLE --output OUT.json",
    ],
)
def test_a_file_that_stands_is_replaced_with_force_alone(linear: Linear, words: str) -> None:
    np.save("codes.npy", np.zeros((2, 16), np.float32))
    arguments = words.replace("BUNDLE", str(linear.folder)).replace("OUT", "out").split()
    output = Path(arguments[-1])
    output.write_text("mine")
    error = refused(*arguments)
    assert error.exit_code == ExitCode.USAGE
    assert "--force" in error.do
    assert output.read_text() == "mine"
    cli.run([*arguments, "--force"])
    assert output.read_bytes() != b"mine"
    assert {path.name for path in Path.cwd().iterdir()} == {"codes.npy", output.name}


def test_a_folder_is_replaced_only_if_it_holds_what_is_written_again(linear: Linear) -> None:
    save_noise("x.npy", 3)
    arguments = ("reconstruct", linear.folder, "x.npy", "--output", "out")
    Path("out").mkdir()
    cli.run([str(word) for word in arguments])  # into an empty one
    assert sorted(os.listdir("out")) == ["x-00.png", "x-01.png", "x-02.png"]
    assert "--force" in refused(*arguments).do
    Path("out/x-01.png").write_bytes(b"old")
    cli.run([*map(str, arguments), "--force"])
    assert Path("out/x-01.png").read_bytes() != b"old"
    Path("out/thesis.tex").write_text("mine")
    error = refused(*arguments, "--force")
    assert error.exit_code == ExitCode.USAGE
    assert "thesis.tex" in error.why
    assert Path("out/thesis.tex").read_text() == "mine"


def test_folders_above_an_output_are_made_and_a_link_is_not_followed(linear: Linear, tmp_path: Path) -> None:
    cli.run(["encode", str(linear.folder), "--output", "a/b/c.npz"])
    assert Path("a/b/c.npz").is_file()
    Path("elsewhere").mkdir()
    Path("link").symlink_to("elsewhere")
    assert "link" in refused("reconstruct", linear.folder, "--output", "link").what
    Path("c.npz").symlink_to("elsewhere/gone.npz")
    assert "exists" in refused("encode", linear.folder, "--output", "c.npz").what


def test_a_damaged_input_leaves_no_output(linear: Linear) -> None:
    Path("in").mkdir()
    save_noise("x.npy", 600)
    Path("in/z.png").write_bytes(b"no picture")
    for output in ("c.npz", "c.npy", "c.csv"):
        error = refused("encode", linear.folder, "x.npy", "in", "--output", output)
        assert error.exit_code == ExitCode.DAMAGED
        assert "z.png" in error.what
    error = refused("reconstruct", linear.folder, "x.npy", "in", "--output", "pictures")
    assert error.exit_code == ExitCode.DAMAGED
    assert {path.name for path in Path.cwd().iterdir()} == {"in", "x.npy"}
    assert refused("encode", linear.folder, "in", "--output", "c.npy", "--skip-bad").exit_code == ExitCode.DAMAGED


def test_a_run_stands_for_its_bundle_or_says_how_to_export(linear: Linear, tmp_path: Path) -> None:
    linear_bundle(tmp_path / "made", SHAPE)
    run_of(tmp_path / "made", tmp_path / "runs" / "mine")
    cli.run(["encode", "mine", "--output", "a.npy"])
    cli.run(["encode", "runs/mine", "--output", "b.npy"])
    assert Path("a.npy").read_bytes() == Path("b.npy").read_bytes()
    (tmp_path / "runs/mine/export/fp32").rename(tmp_path / "runs/mine/export/int8")
    cli.run(["encode", "mine", "--output", "c.npy"])
    assert Path("a.npy").read_bytes() == Path("c.npy").read_bytes()
    (tmp_path / "runs/mine/export/int8").rename(tmp_path / "away")
    error = refused("encode", "mine", "--output", "d.npy")
    assert error.exit_code == ExitCode.USAGE
    assert "aetrain export mine" in error.do
    assert "'mine'" in refused("encode", "mien", "--output", "d.npy").do
    assert "not a bundle" in refused("encode", str(tmp_path), "--output", "d.npy").what


def test_a_damaged_bundle_is_refused(linear: Linear, tmp_path: Path) -> None:
    other = linear_bundle(tmp_path / "other", SHAPE)
    content = (other.folder / "decoder.onnx").read_bytes()
    (other.folder / "decoder.onnx").write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    for words in ("encode", "score", "sample"):
        assert refused(words, other.folder, "--output", f"{words}.npy" if words != "score" else "s.csv").exit_code == 3


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("reconstruct BUNDLE --side-by-side", "--side-by-side"),
        ("reconstruct BUNDLE --output y.npy --side-by-side", "--side-by-side"),
        ("reconstruct BUNDLE --output y --dtype uint8", "--dtype"),
        ("reconstruct BUNDLE --force", "--force"),
        ("denoise BUNDLE --level 0.5", "--level"),
        ("denoise BUNDLE --seed 1", "--seed"),
        ("denoise BUNDLE --noise masking --level 1.5", "--level 1.5"),
        ("denoise BUNDLE --noise fog", "fog"),
        ("encode BUNDLE --output c.txt", "c.txt"),
        ("encode BUNDLE --output c", "no kind"),
        ("encode BUNDLE", "--output"),
        ("encode BUNDLE --output c.npy --batch-size 0", "--batch-size 0"),
        ("score BUNDLE --top 0", "--top 0"),
        ("score BUNDLE --force", "--force"),
        ("score BUNDLE --sort beauty", "beauty"),
        ("decode BUNDLE gone.npy --output y.npy", "gone.npy"),
    ],
)
def test_what_has_no_effect_or_no_meaning_is_refused(
    linear: Linear, capsys: pytest.CaptureFixture[str], words: str, says: str
) -> None:
    with pytest.raises(SystemExit) as left:
        cli.main(words.replace("BUNDLE", str(linear.folder)).split())
    assert left.value.code == ExitCode.USAGE
    lines = capsys.readouterr().err.splitlines()
    assert [line.partition(":")[0] for line in lines] == ["error", "why", "do"]
    assert says in lines[0]
    assert not list(Path.cwd().iterdir())


def test_points_are_never_pictures(tmp_path: Path) -> None:
    points = linear_bundle(tmp_path / "points", (1, 1, 2), latent=2, variant="variational")
    for words in ("reconstruct", "sample"):
        error = refused(words, points.folder, "--output", "pictures")
        assert error.exit_code == ExitCode.USAGE
        assert "pictures.npy" in error.do
    assert "w.npy" in refused("interpolate", points.folder, 1, 2, "--output", "w.gif").do
    cli.run(["interpolate", str(points.folder), "1", "2", "--output", "w.npy"])
    cli.run(["sample", str(points.folder), "--output", "s.npy"])
    assert np.load("s.npy").shape == (64, 1, 1, 2)


def test_cuda_that_is_not_there_is_an_error_where_it_was_asked_for(linear: Linear) -> None:
    if any(Path("/dev").glob("nvidia[0-9]*")):
        pytest.skip("this machine has a GPU; run it where there is none")
    assert refused("score", linear.folder, "--provider", "cuda").exit_code == ExitCode.DAMAGED
