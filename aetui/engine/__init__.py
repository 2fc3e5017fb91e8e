"""The inference process: bundles run in a child, so that a crash, a hang or a print there cannot hurt the screen."""
