"""What screen 5 knows of units; no widgets."""
