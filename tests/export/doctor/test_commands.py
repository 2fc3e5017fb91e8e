"""The commands agree with what this project itself asks for, and call the pip of this very environment."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from export.doctor import Facts, commands

ROOT = Path(__file__).parents[3]


def declared(name: str) -> list[SpecifierSet]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["gpu"]]
    return [r.specifier for r in map(Requirement, wanted) if r.name == name]


def test_what_is_installed_is_what_the_project_asks_for():
    assert declared("onnxruntime-gpu") == [SpecifierSet(commands.CUDA_13)] * 2
    assert declared("torch") == [Requirement(commands.TORCH.strip('"')).specifier]


def test_the_two_generations_of_cuda_meet_at_1_27():
    for version, generation in (("1.26.0", commands.CUDA_12), ("1.31.1", commands.CUDA_13)):
        assert [version in SpecifierSet(v) for v in (commands.CUDA_12, commands.CUDA_13)] == [
            generation == v for v in (commands.CUDA_12, commands.CUDA_13)
        ]


def test_python_is_called_by_name_only_where_the_name_leads_to_this_one(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(Path(sys.executable).parent))
    named = commands.pip_command()
    assert named.endswith("python -m pip")
    assert named.startswith("python ")
    (tmp_path / "python").touch(mode=0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert commands.pip_command().endswith(f"{sys.executable} -m pip")


def test_a_path_with_a_space_stays_one_word(monkeypatch):
    monkeypatch.setattr(sys, "executable", "/my envs/bin/python")
    assert commands.pip_command().endswith("'/my envs/bin/python' -m pip")


def test_an_environment_without_pip_gets_one_first(monkeypatch):
    monkeypatch.setattr(metadata, "distributions", lambda **query: iter(()))
    assert " -m ensurepip && " in commands.pip_command()


@pytest.mark.parametrize("version", ["2.13.0+cu126", "2.13.0"])
def test_torch_comes_again_from_where_it_came(version):
    command = commands.reinstall_torch(Facts(torch={"version": version}))
    assert f'"torch=={version}"' in command
    assert ("https://download.pytorch.org/whl/cu126" in command) == ("+" in version)


def test_looking_for_pip_leaves_distutils_where_it_is():
    """setuptools, where it is there, takes a question for pip's module as pip's own start, and forgets distutils."""
    code = (
        "import warnings; warnings.simplefilter('ignore'); import distutils, sys\n"
        "from export.doctor import commands\ncommands.pip_command()\nprint(sys.modules.get('distutils') is distutils)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "True\n"
