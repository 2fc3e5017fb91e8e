"""What screen 1 and ``--once`` say of runs, and what can be done to them; no widgets."""
