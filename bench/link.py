"""Pictures that move: what they cost, what is right, and how keys fare meanwhile, on a fast and on slow links.

``python -m bench.link --json``. A pseudo-terminal stands for the terminal at the far end, with the rate, the delay and
the buffers of a link in between; the delta painter and Textual's own lines run in the same run.
"""

from __future__ import annotations

import json
import subprocess
import sys
from functools import partial
from pathlib import Path

from bench import tui
from bench.figures import Figure
from bench.machine import ROOT, environment
from bench.painters import frame_costs, local_rates
from bench.report import Part, report
from bench.slow_keys import inside_tmux, slow_links

_RANDOM_FRAMES = 10_000
_WALKS = 2


def correct(folder: Path) -> list[Figure]:
    """Random frames in a terminal emulator beside what Textual's compositor would show, in two processes."""
    walks = []
    for seed in range(_WALKS):
        command = [sys.executable, "-m", "bench.random_walk", str(_RANDOM_FRAMES // _WALKS), str(seed)]
        walks.append(
            subprocess.Popen(command, cwd=ROOT, env=environment(TEXTUAL_FPS="500"), stdout=subprocess.PIPE, text=True)
        )
    found = [json.loads(walk.communicate()[0]) for walk in walks]
    asked = sum(one["asked"] for one in found)
    if asked < _RANDOM_FRAMES // 3:
        raise RuntimeError(f"the delta painter painted {asked} frames only: this is no comparison")
    wrong = sum(one["wrong"] for one in found)
    if wrong:
        print("\n".join(one["first"] for one in found if one["first"]), file=sys.stderr)
    return [
        Figure(what="wrong cells in 10,000 random frames", value=wrong, unit="cells", reach=0, at_most=True),
        Figure(what="cells compared", value=sum(one["cells"] for one in found), unit="cells"),
        Figure(what="frames of the delta painter among them", value=asked, unit="frames"),
    ]


PARTS: dict[str, Part] = {
    "painters": frame_costs,
    "local": local_rates,
    "correct": correct,
    "slow": slow_links,
    "keys": partial(tui.keys, reach_ms=16.0),
    "tmux": inside_tmux,
}


def main(arguments: list[str] | None = None) -> int:
    """The command line. Returns the exit code."""
    return report("link", __doc__, PARTS, arguments)


if __name__ == "__main__":
    sys.exit(main())
