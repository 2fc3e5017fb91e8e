"""Matrix products of the UI."""

from __future__ import annotations

import json
import os
import subprocess
import sys

CHECK = """
import os
import numpy
from threadpoolctl import threadpool_info
from aetui.latent.one_thread import keep_to_one_thread

before = dict(os.environ)
keep_to_one_thread()
print([library["num_threads"] for library in threadpool_info() if library["user_api"] == "blas"])
print(dict(os.environ) == before)
"""


def test_products_keep_to_one_thread_and_children_are_told_nothing() -> None:
    environ = {name: value for name, value in os.environ.items() if not name.endswith("_NUM_THREADS")}
    done = subprocess.run([sys.executable, "-c", CHECK], capture_output=True, text=True, check=True, env=environ)
    threads, same = done.stdout.splitlines()
    assert set(json.loads(threads)) <= {1}
    assert same == "True"
