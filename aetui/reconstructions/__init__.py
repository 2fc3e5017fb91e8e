"""What screen 3 shows: whose pictures of which images, in which order, with which errors; no widgets."""
