"""The run folder: layout, log, status, lock, control. Standard library and numpy only: the TUI reads runs through it."""
