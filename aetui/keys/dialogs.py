"""The dialogs: what lies on top of a screen."""

from __future__ import annotations

from aetui.keys.key import Key, key

TITLES: dict[str, str] = {"dialog": "New run", "help": "Help", "messages": "Messages", "jump": "Jump"}
"""The dialogs by their names in the table."""

KEYS: tuple[Key, ...] = (
    key("dialog", "escape", "cancel", "close", "close the form without starting anything", palette=False),
    key(
        "dialog", "ctrl+s", "start", "start", "start what the form says (Enter in a line does the same)", palette=False
    ),
    key("help", "escape question_mark q", "cancel", "close", "close the help", palette=False),
    key("messages", "escape e q", "cancel", "close", "close the messages", palette=False),
    key("messages", "y", "copy", "copy", "copy the messages", palette=False),
    key("jump", "escape semicolon", "cancel", "close", "go nowhere", palette=False),
)
