"""``aetui`` as it is called: what it prints, what it refuses, and what it does not import."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from trainer.runs.folder import RunFolder

Command = Callable[..., subprocess.CompletedProcess[str]]
MakeRun = Callable[..., RunFolder]


def assert_three_lines(text: str) -> None:
    assert [line.partition(":")[0] for line in text.splitlines()] == ["error", "why", "do"], text


def imported(statement: str) -> set[str]:
    code = f"import sys; {statement}; print(*sys.modules)"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(found.stdout.split())


def test_the_command_imports_neither_torch_nor_textual_nor_onnxruntime() -> None:
    assert not imported("import aetui.cli") & {"torch", "textual", "onnxruntime", "numpy", "rich"}


def test_the_app_imports_no_torch_and_no_onnxruntime() -> None:
    assert not imported("import aetui.app") & {"torch", "onnxruntime", "onnx", "sklearn", "PIL"}


def test_once_imports_no_textual() -> None:
    assert not imported("import aetui.once") & {"torch", "onnxruntime", "textual"}


def test_help_lists_the_flags(command: Command) -> None:
    done = command("aetui", "--help")
    assert done.returncode == 0
    for flag in ("--runs-dir", "--provider", "--render", "--record", "--once"):
        assert flag in done.stdout


def test_without_a_terminal_it_prints_the_runs_and_leaves(command: Command, make_run: MakeRun) -> None:
    make_run("first", variant="sparse", started=1.0)
    make_run("second", started=2.0)
    done = command("aetui")
    assert (done.returncode, done.stderr) == (0, "")
    heading, *lines = done.stdout.splitlines()
    assert heading.split()[:6] == ["name", "variant", "data", "state", "epoch", "loss"]
    assert [line.split()[:6] for line in lines] == [
        ["second", "undercomplete", "digits", "finished", "10/10", "1.5"],
        ["first", "sparse", "digits", "finished", "10/10", "1.5"],
    ]


def test_once_draws_what_the_model_makes_of_the_images(command: Command, make_run: MakeRun) -> None:
    make_run("a", live=True, step=42)
    done = command("aetui", "--once", "--provider", "cpu")
    assert (done.returncode, done.stderr) == (0, "")
    assert "a: test images, then what the network makes of them at step 42" in done.stdout
    # The first image has 4 bright pixels of 64, and the network halves them: 4 · 0.25 / 64.
    assert f"mse {4 * 0.25 / 64:.4f}" in done.stdout
    assert "@@@@@@@@" in done.stdout
    assert "models run on CPU" in done.stdout
    assert "\x1b" not in done.stdout


def test_once_shows_a_denoising_run_what_it_was_trained_for(command: Command, make_run: MakeRun) -> None:
    make_run("a", variant="denoising", live=True, options={"corruption": "masking", "level": 0.5})
    assert "masking 0.5" in command("aetui", "--once", "--provider", "cpu").stdout


def test_once_in_ascii_is_ascii(command: Command, make_run: MakeRun) -> None:
    make_run("ü", live=True)
    done = command("aetui", "--once", env={**os.environ, "PYTHONIOENCODING": "ascii"})
    assert done.returncode == 0
    assert done.stdout.isascii()


def test_a_reader_that_leaves_early_is_no_error(make_run: MakeRun, tmp_path: Path) -> None:
    for number in range(50):
        make_run(f"run-{number}")
    program = Path(sys.executable).parent / "aetui"
    done = subprocess.run(
        f"{program} --once | head -1", shell=True, cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.stdout.startswith("name")
    assert done.stderr == ""


def test_an_empty_folder_is_no_error_and_says_what_to_do(command: Command) -> None:
    done = command("aetui", "--once")
    assert done.returncode == 0
    assert "aetrain fit" in done.stdout


@pytest.mark.parametrize("argument", ["a", "runs/a", "runs"])
def test_a_run_by_name_or_path_or_a_folder_of_runs(command: Command, make_run: MakeRun, argument: str) -> None:
    make_run("a")
    done = command("aetui", "--once", argument)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[1].startswith("a ")


def test_a_bundle_is_shown(command: Command, make_run: MakeRun) -> None:
    make_run("a", live=True)
    done = command("aetui", "--once", "runs/a/live")
    assert done.returncode == 0, done.stderr
    assert "bundle" in done.stdout


@pytest.mark.parametrize(
    "arguments",
    [
        ["nowhere"],
        ["--runs-dir", "file", "nowhere"],
        ["--runs-dir", "file"],
        ["file"],
        ["folder"],
        ["--provider", "gpu"],
        ["--rendr", "half"],
        ["--render", "sixel"],
        ["--kb-per-s", "fast"],
        ["--kb-per-s", "100"],
        ["x" * 5000],
    ],
)
def test_what_is_not_there_or_not_known_is_three_lines_and_exit_2(
    command: Command, tmp_path: Path, arguments: list[str]
) -> None:
    (tmp_path / "file").write_text("text")
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "notes.txt").write_text("text")
    done = command("aetui", "--once", *arguments)
    assert_three_lines(done.stderr)
    assert done.returncode == 2


@pytest.mark.parametrize(
    ("arguments", "what"), [(["-1"], "--kb-per-s -1"), (["9", "--serve"], "--kb-per-s with --serve")]
)
def test_a_rate_that_means_nothing_is_refused(command: Command, arguments: list[str], what: str) -> None:
    done = command("aetui", "--kb-per-s", *arguments)
    assert_three_lines(done.stderr)
    assert done.returncode == 2
    assert done.stderr.startswith(f"error: {what}")


@pytest.mark.parametrize("arguments", [[], ["--once"], ["--serve"], ["--serve", "--port", "0"]])
def test_a_recording_of_nothing_is_refused(command: Command, tmp_path: Path, arguments: list[str]) -> None:
    done = command("aetui", "--record", "a.cast", *arguments)
    assert_three_lines(done.stderr)
    assert done.returncode == 2
    assert done.stderr.startswith("error: --record with")
    assert not (tmp_path / "a.cast").exists()


def test_the_name_of_a_run_that_is_nearly_right_is_guessed(command: Command, make_run: MakeRun) -> None:
    make_run("fashion-vae")
    assert "did you mean 'fashion-vae'" in command("aetui", "fashon-vae").stderr


@pytest.mark.parametrize("broken", ["manifest.json", "encoder.onnx"])
def test_a_damaged_bundle_is_exit_3(command: Command, make_run: MakeRun, broken: str) -> None:
    run = make_run("a", live=True)
    (run.live / broken).write_bytes(b"{}")
    done = command("aetui", "--once", "runs/a/live")
    assert_three_lines(done.stderr)
    assert done.returncode == 3


def test_a_bundle_without_its_encoder_is_exit_3(command: Command, make_run: MakeRun) -> None:
    run = make_run("a", live=True)
    (run.live / "encoder.onnx").unlink()
    assert command("aetui", "--once", "runs/a/live").returncode == 3


def test_cuda_that_is_not_to_be_had_is_exit_3(command: Command, make_run: MakeRun) -> None:
    from export.cuda import why_no_device
    from export.doctor import cuda_refused

    reason = why_no_device()
    make_run("a", live=True)
    done = command("aetui", "--once", "--provider", "cuda")
    if reason is None:
        assert done.returncode in (0, 3)
    else:
        assert_three_lines(done.stderr)
        assert done.returncode == 3
        assert done.stderr.strip() == str(cuda_refused(reason))


def test_a_hostile_name_is_printed_harmlessly(command: Command, make_run: MakeRun) -> None:
    make_run("\x1b]0;owned\x07[b]")
    done = command("aetui", "--once")
    assert done.returncode == 0
    assert "\x1b" not in done.stdout
    assert "[b]" in done.stdout
