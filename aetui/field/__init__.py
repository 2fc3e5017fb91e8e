"""What screen 6 computes; no widgets."""
