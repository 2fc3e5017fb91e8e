"""The frames of a training, for screen 7 and the map of screen 4; no widgets."""
