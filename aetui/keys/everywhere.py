"""What works on every screen."""

from __future__ import annotations

from aetui.keys.key import EVERYWHERE, Key, key

SCREENS: dict[str, str] = {
    "runs": "Runs",
    "curves": "Curves",
    "reconstructions": "Reconstructions",
    "latent": "Latent",
    "units": "Units",
    "field": "Field",
    "timemachine": "Time machine",
}
"""The screens in the order of their digit keys, with their titles."""

SCREEN_HELP: dict[str, str] = {
    "runs": "all runs: what they do and how far they are",
    "curves": "loss curves of the run, or of the marked runs",
    "reconstructions": "what the network makes of test images",
    "latent": "fly through the space of codes",
    "units": "what each unit of the code stands for",
    "field": "where the network moves an image: r(x) - x",
    "timemachine": "scrub through the training",
}

KEYS: tuple[Key, ...] = (
    *(
        key(EVERYWHERE, str(number), f"go('{screen}')", title, SCREEN_HELP[screen], footer=False)
        for number, (screen, title) in enumerate(SCREENS.items(), start=1)
    ),
    key(EVERYWHERE, "escape", "back", "back", "back to the screen before", footer=False, palette=False),
    key(EVERYWHERE, "semicolon", "jump", "jump", "letters appear: press one to go there", footer=False, palette=False),
    key(EVERYWHERE, "y", "copy", "copy", "copy what is shown as text (OSC 52)", footer=False),
    key(EVERYWHERE, "s", "save_screen", "save", "save this screen as SVG", footer=False),
    key(
        EVERYWHERE, "S", "save_pictures", "save pictures", "save the pictures as PNG, an animation as GIF", footer=False
    ),
    key(EVERYWHERE, "r", "cycle_render", "render", "draw pictures as half blocks, grays or ASCII", footer=False),
    key(EVERYWHERE, "T", "cycle_theme", "theme", "dark, light, high contrast, 16 colours", footer=False),
    key(EVERYWHERE, "m", "toggle_mouse", "mouse", "give the mouse to the terminal, or take it back", footer=False),
    key(EVERYWHERE, "e", "show_messages", "messages", "all messages and errors, whole", footer=False),
    key(EVERYWHERE, "ctrl+z", "suspend_process", "suspend", "back to the shell for a while (fg returns)", footer=False),
    key(EVERYWHERE, "ctrl+p", "command_palette", "palette", "find a command by name", palette=False),
    key(EVERYWHERE, "question_mark", "show_help", "help", "this list of keys"),
    key(EVERYWHERE, "q", "quit", "quit", "leave; trainings go on"),
)
