"""Every key of the UI, once: bindings, footer, help screen and palette are made from this table. A file per screen."""

from aetui.keys.dialogs import TITLES
from aetui.keys.everywhere import SCREENS
from aetui.keys.key import EVERYWHERE, Key
from aetui.keys.names import name_of
from aetui.keys.table import TABLE, bindings, footer, keys_of, palette, shown

__all__ = [
    "EVERYWHERE",
    "SCREENS",
    "TABLE",
    "TITLES",
    "Key",
    "bindings",
    "footer",
    "keys_of",
    "name_of",
    "palette",
    "shown",
]
