"""What Textual's driver is told directly. Its names are private: they are used here alone."""

from __future__ import annotations

import asyncio
import signal
from typing import Any

from textual.app import App


def write(app: App[Any], text: str) -> None:
    """Send control sequences to the terminal as they are."""
    driver = app._driver
    if driver is not None:
        driver.write(text)
        driver.flush()


def set_mouse(app: App[Any], on: bool) -> bool:
    """Let the app have the mouse, or leave it to the terminal. Returns False where there is none to be had."""
    driver: Any = app._driver
    switch = getattr(driver, "_enable_mouse_support" if on else "_disable_mouse_support", None)
    if switch is None:
        return False
    if on:
        driver._mouse = True  # else it does nothing
        switch()
    else:
        switch()
        driver._mouse = False
    driver.flush()
    return True


def keep_one_reader(app: App[Any]) -> None:
    """Continue after a stop that the app did not ask for (``kill -STOP``) without starting over.

    Textual takes every SIGCONT for the end of its own Ctrl-Z: a second thread would read the keys, and outlive the app.
    Call it from the event loop, once the app runs.
    """
    driver: Any = app._driver
    if app.is_headless or not hasattr(driver, "_must_signal_resume"):
        return
    loop = asyncio.get_running_loop()

    def continued(*_: object) -> None:
        if driver._must_signal_resume:
            driver.resume_application_mode()
        else:
            loop.call_soon_threadsafe(app.refresh)

    signal.signal(signal.SIGCONT, continued)
