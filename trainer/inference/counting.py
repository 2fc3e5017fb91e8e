"""A bar that counts images, on a terminal only: with how fast it goes and how long it will take."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator


@contextlib.contextmanager
def counting(what: str, total: int) -> Iterator[Callable[[int], None]]:
    """Gives what is told how many more images are done. what: the verb, as in 'encoding'."""
    if not sys.stderr.isatty():
        yield lambda done: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, Task, TextColumn
    from rich.progress import TimeRemainingColumn as Remaining
    from rich.text import Text

    class Speed(ProgressColumn):
        def render(self, task: Task) -> Text:
            return Text(f"{task.speed:,.0f} images/s" if task.speed else "")

    columns = (TextColumn("{task.description}"), BarColumn(bar_width=None), MofNCompleteColumn(), Speed(), Remaining())
    with Progress(*columns, console=Console(stderr=True), refresh_per_second=5, expand=True, transient=True) as bar:
        task = bar.add_task(what, total=total)

        def done(count: int) -> None:
            with contextlib.suppress(OSError):  # a terminal that is gone
                bar.advance(task, count)

        yield done
