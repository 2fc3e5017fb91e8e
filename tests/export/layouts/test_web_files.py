"""Which files the page consists of, and which onnxruntime-web it may bring."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

from export.bundle import read_manifest
from export.errors import ExitCode, ToolError
from export.layouts.web import PUBLIC_RUNTIME, RUNTIME_FILES, integrity, web_files
from export.manifest import is_safe_name


@pytest.fixture
def manifest(bundle: Path):
    return read_manifest(bundle)


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """What a page needs of the npm package, a few bytes long."""
    folder = tmp_path / "npm" / "node_modules" / "onnxruntime-web"
    (folder / "dist").mkdir(parents=True)
    (folder / "package.json").write_text('{"name": "onnxruntime-web"}')
    for name in RUNTIME_FILES:
        (folder / "dist" / name).write_text(f"/*!\n * ONNX Runtime Web v1.29.3-dev.1\n */\n{name}")
    return folder


def test_the_same_arguments_give_the_same_bytes(manifest, package):
    assert web_files(manifest) == web_files(manifest)
    assert web_files(manifest, package) == web_files(manifest, package)


def test_the_page_lies_at_the_top_and_the_rest_below_web(manifest, package):
    names = set(web_files(manifest, package))
    assert all(is_safe_name(name) for name in names)
    assert {name for name in names if not name.startswith("web/")} == {"index.html"}
    assert {f"web/ort/{name}" for name in RUNTIME_FILES} < names


def test_no_file_of_the_page_is_named_from_the_root_of_the_server(manifest):
    for name, content in web_files(manifest).items():
        assert not re.search(rb"""(?:src|href|from|URL\()\s*[=(]?\s*["']/""", content), name


def test_every_module_that_is_imported_is_there(manifest):
    files = web_files(manifest)
    imported = {found for content in files.values() for found in re.findall(rb'from "\./([a-z]+\.js)"', content)}
    assert imported
    assert {f"web/{name.decode()}" for name in imported} <= set(files)


def test_without_a_package_one_pinned_version_is_named_with_its_hashes(manifest):
    files = web_files(manifest)
    assert not any(name.startswith("web/ort/") for name in files)
    runtime = json.loads(files["web/runtime.json"])
    assert f"@{runtime['version']}/" in runtime["base"]
    assert set(runtime["integrity"]) == set(RUNTIME_FILES)
    policy = _policy(files)
    assert runtime["base"] in policy["script-src"]
    assert runtime["base"] in policy["connect-src"]


def test_with_a_package_the_policy_names_no_other_server(manifest, package):
    files = web_files(manifest, package)
    assert "http" not in str(_policy(files))
    assert json.loads(files["web/runtime.json"])["version"] == "1.29.3-dev.1"
    assert b"1.29.3-dev.1" in files["web/ort/LICENCE.txt"]


@pytest.mark.parametrize("place", [".", "package.json", "dist", "..", "../.."])
def test_a_package_is_found_from_wherever_one_would_point(manifest, package, place):
    assert web_files(manifest, package / place) == web_files(manifest, package)


def test_dist_alone_will_do(manifest, package, tmp_path):
    shutil.copytree(package / "dist", tmp_path / "copied")
    assert web_files(manifest, tmp_path / "copied") == web_files(manifest, package)


def _other_version(package: Path, version: str) -> None:
    script = package / "dist" / RUNTIME_FILES[0]
    script.write_text(f"/*! ONNX Runtime Web v{version}\n */")


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (lambda package: shutil.rmtree(package), "it is not there"),
        (lambda package: shutil.rmtree(package / "dist"), "ort.wasm.min.js"),
        (lambda package: (package / "dist" / RUNTIME_FILES[2]).unlink(), "neither it nor a dist/"),
        (lambda package: _other_version(package, "1.18.0"), "1.18.0"),
        (lambda package: _other_version(package, '<script src="//x">'), "does not say which version"),
    ],
)
def test_what_is_not_that_package_or_too_old_is_refused(manifest, package, spoil, why):
    spoil(package)
    with pytest.raises(ToolError) as caught:
        web_files(manifest, package)
    assert caught.value.exit_code == ExitCode.USAGE
    assert str(package) in caught.value.what
    assert why in caught.value.why


def test_the_pinned_hashes_are_those_of_the_npm_package(node_modules):
    package = node_modules / "onnxruntime-web"
    installed = json.loads((package / "package.json").read_text())["version"]
    if installed != PUBLIC_RUNTIME.version:
        pytest.skip(f"{installed} is installed: npm install onnxruntime-web@{PUBLIC_RUNTIME.version}")
    hashes = {name: integrity((package / "dist" / name).read_bytes()) for name in RUNTIME_FILES}
    assert hashes == PUBLIC_RUNTIME.integrity


def _policy(files: dict[str, bytes]) -> dict[str, str]:
    (policy,) = re.findall(r'Content-Security-Policy" content="([^"]*)"', files["index.html"].decode())
    return dict(part.strip().split(" ", 1) for part in policy.split(";"))
