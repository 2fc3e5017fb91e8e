"""The run folder: layout, log, status, lock, control. Standard library and numpy only, for the TUI's sake."""
