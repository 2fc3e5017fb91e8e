"""What screen 2 shows: which lines, which numbers, which files; no widgets."""
