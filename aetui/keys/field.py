"""Screen 6."""

from __future__ import annotations

from aetui.keys.key import Key, run_keys

KEYS: tuple[Key, ...] = (*run_keys("field"),)
