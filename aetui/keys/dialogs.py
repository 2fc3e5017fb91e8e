"""The dialogs: what lies on top of a screen."""

from __future__ import annotations

from aetui.keys.key import Key, key

TITLES: dict[str, str] = {
    "dialog": "New run",
    "filter": "Filter of the runs",
    "goto": "Number of a unit",
    "confirm": "Questions",
    "rate": "Learning rate",
    "details": "Details",
    "help": "Help",
    "messages": "Messages",
    "jump": "Jump",
}
"""The dialogs by their names in the table."""

KEYS: tuple[Key, ...] = (
    key("dialog", "escape", "cancel", "close", "close the form without starting anything", palette=False),
    key(
        "dialog", "ctrl+s", "start", "start", "start what the form says (Enter in a line does the same)", palette=False
    ),
    key("dialog", "ctrl+o", "more", "more options", "unfold the other options, or fold them", palette=False),
    key("dialog", "ctrl+y", "copy", "copy", "copy the command line", palette=False),
    key("dialog", "down", "step(1)", "next", "the next line", footer=False, palette=False),
    key("dialog", "up", "step(-1)", "before", "the line before", footer=False, palette=False),
    key("dialog", "right space", "choose(1)", "choose", "the next of several values", footer=False, palette=False),
    key("dialog", "left", "choose(-1)", "choose", "the value before", footer=False, palette=False),
    key("filter", "enter", "keep", "keep", "keep the filter", palette=False),
    key("filter", "escape", "cancel", "as before", "go back to the filter before", palette=False),
    key("filter", "f1", "grammar", "grammar", "what a filter can say", palette=False),
    key("confirm", "y", "answer('all')", "yes", "do it", palette=False),
    key(
        "confirm",
        "o",
        "answer('one')",
        "only this",
        "do it to the run under the cursor alone",
        footer=False,  # not every question offers it; one that does says so
        palette=False,
    ),
    key("confirm", "n escape q", "answer('')", "no", "do nothing", palette=False),
    key("rate", "enter", "set", "set", "have the run learn at this rate", palette=False),
    key("rate", "escape", "cancel", "close", "leave the rate as it is", palette=False),
    key("details", "escape d q f1", "cancel", "close", "close the details", palette=False),
    key("details", "y", "copy", "copy", "copy the details", palette=False),
    key("help", "escape question_mark q", "cancel", "close", "close the help", palette=False),
    key("messages", "escape e q", "cancel", "close", "close the messages", palette=False),
    key("messages", "y", "copy", "copy", "copy the messages", palette=False),
    key("jump", "escape semicolon", "cancel", "close", "go nowhere", palette=False),
)
