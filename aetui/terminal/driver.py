"""What Textual's driver is told directly. Its names are private: they are used here alone."""

from __future__ import annotations

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
