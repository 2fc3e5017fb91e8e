"""``--layout web``: a page in the bundle on which the model runs, in the browser of whoever opens it.

``index.html`` and ``web/`` are static and ask for nothing but the bundle's own files (and, without a copy of it,
onnxruntime-web from a public server), so any static server will do: ``python -m http.server`` in the bundle's folder.
No torch, no onnxruntime.
"""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
import string
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from export.errors import ToolError, from_os_error, visible
from export.manifest import Manifest

RUNTIME_FILES = ("ort.wasm.min.js", "ort-wasm-simd-threaded.mjs", "ort-wasm-simd-threaded.wasm")
"""Of onnxruntime-web the smallest build: WASM alone, no WebGL, no WebGPU."""

OLDEST_RUNTIME = (1, 19)
"""The first minor version with which the page was seen to work."""

_ASSETS = Path(__file__).parent / "web"
_COPIED_TO = "web/ort/"
_LICENCE = """onnxruntime-web {version}, copied unchanged from the npm package of that name.
Copyright (c) Microsoft Corporation. Licensed under the MIT License:
https://github.com/microsoft/onnxruntime/blob/v{version}/LICENSE
Notices of what it contains: https://github.com/microsoft/onnxruntime/blob/v{version}/ThirdPartyNotices.txt
"""


@dataclass(frozen=True, kw_only=True)
class Runtime:
    """The onnxruntime-web that a page loads."""

    version: str
    base: str
    """Folder of its files: an absolute URL, or one relative to the bundle."""
    integrity: Mapping[str, str]
    """File → ``sha384-…`` as browsers take it; a file with another hash does not run."""

    @property
    def is_remote(self) -> bool:
        """True where it comes from another server than the page."""
        return self.base.startswith("https:")


# To renew these: npm install onnxruntime-web@VERSION, then for each of RUNTIME_FILES in its dist/
#   openssl dgst -sha384 -binary FILE | base64
# The server hands out the files of the npm package byte for byte; a test compares them with an installed package.
PUBLIC_RUNTIME = Runtime(
    version="1.30.0",
    base="https://cdn.jsdelivr.net/npm/onnxruntime-web@1.30.0/dist/",
    integrity={
        "ort.wasm.min.js": "sha384-Bw6URI+Gvoadw0do7/QrSHUC9D1vCYYK5OSqChFyhyV5mzPL4oe2rOAFljAnS8Sq",
        "ort-wasm-simd-threaded.mjs": "sha384-XcXA/MtAf0WpB8e023xQH9CM7RIjiugakT7x99DIwpFf7k56BIFFcAPerIF7FDad",
        "ort-wasm-simd-threaded.wasm": "sha384-vjBJ1z7qrhkTyYsNqKeF6c7N+nOJSU94czEo+tvZcu8G75JparGq9kB+kTnEUNVM",
    },
)
"""What a page loads that does not bring its own."""


def web_files(manifest: Manifest, onnxruntime_web: Path | None = None) -> dict[str, bytes]:
    """Path in the bundle → content of the page. The same arguments give the same bytes.

    onnxruntime_web: the npm package onnxruntime-web (its folder, ``package.json``, ``dist/``, or a ``node_modules``
    that has it), of which the page then brings the 14 MB that it needs and works without a network; None: it loads one
    pinned version from a public server, hashes checked. Raises ToolError: exit 2 where that is not the package, or is
    too old.
    """
    copied: dict[str, bytes] = {}
    runtime = PUBLIC_RUNTIME
    if onnxruntime_web is not None:
        runtime, copied = _copy_runtime(onnxruntime_web)
    page = string.Template((_ASSETS / "index.html").read_text(encoding="utf-8"))
    filled = page.substitute(title=html.escape(visible(manifest.name)), policy=_policy(runtime))
    assets = {
        f"web/{path.name}": path.read_bytes()
        for path in sorted(_ASSETS.iterdir())
        if path.suffix in (".css", ".js", ".svg")
    }
    return {"index.html": filled.encode(), **assets, "web/runtime.json": _described(runtime), **copied}


def integrity(content: bytes) -> str:
    """The sha384 of ``content`` in the form of the HTML attribute ``integrity``."""
    return "sha384-" + base64.b64encode(hashlib.sha384(content).digest()).decode()


def _described(runtime: Runtime) -> bytes:
    said = {"version": runtime.version, "base": runtime.base, "integrity": dict(runtime.integrity)}
    return (json.dumps(said, indent=1) + "\n").encode()


def _policy(runtime: Runtime) -> str:
    """The page's Content-Security-Policy: its own files, WASM, and the runtime's server where there is one.

    ``blob:``: the runtime's module and its WASM are taken from copies whose hashes were checked; import() and the
    runtime's own fetch check none.
    """
    remote = f" {runtime.base}" if runtime.is_remote else ""
    return (
        "default-src 'none'; "
        f"script-src 'self' 'wasm-unsafe-eval' blob:{remote}; "
        f"connect-src 'self' blob:{remote}; "
        "style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'"
    )


def _copy_runtime(given: Path) -> tuple[Runtime, dict[str, bytes]]:
    folder = _find_dist(given)
    try:
        contents = {name: (folder / name).read_bytes() for name in RUNTIME_FILES}
    except OSError as error:
        raise from_os_error(error) from error
    version = _version(given, contents[RUNTIME_FILES[0]])
    files = {f"{_COPIED_TO}{name}": content for name, content in contents.items()}
    files[f"{_COPIED_TO}LICENCE.txt"] = _LICENCE.format(version=version).encode()
    hashes = {name: integrity(content) for name, content in contents.items()}
    return Runtime(version=version, base=_COPIED_TO, integrity=hashes), files


def _find_dist(given: Path) -> Path:
    """The folder with RUNTIME_FILES that ``given`` means."""
    start = given if given.is_dir() else given.parent
    package = Path("onnxruntime-web", "dist")
    for folder in (start, start / "dist", start / package, start / "node_modules" / package):
        if given.exists() and all((folder / name).is_file() for name in RUNTIME_FILES):
            return folder
    raise _refused(
        given, f"neither it nor a dist/ in it has {RUNTIME_FILES[0]}" if given.exists() else "it is not there"
    )


def _version(given: Path, script: bytes) -> str:
    """The version that the script says it has: dist/ may have been copied without its package.json."""
    found = re.search(rb"ONNX Runtime Web v((\d{1,4})\.(\d{1,4})\.\d{1,4}(?:-[\w.\-]{1,60})?)\s", script[:2000])
    if not found:
        raise _refused(given, f"its {RUNTIME_FILES[0]} does not say which version of ONNX Runtime Web it is")
    version = found[1].decode("ascii", "replace")
    if (int(found[2]), int(found[3])) < OLDEST_RUNTIME:
        raise _refused(given, f"it is version {version}; the page needs {'.'.join(map(str, OLDEST_RUNTIME))} or newer")
    return version


def _refused(given: Path, why: str) -> ToolError:
    return ToolError(
        f"{given} is not an onnxruntime-web that can be used",
        why=why,
        do=f"npm install onnxruntime-web@{PUBLIC_RUNTIME.version}, then --onnxruntime-web node_modules; "
        "or leave the flag out: the page then loads it from a public server",
    )
