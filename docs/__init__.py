"""Measurements, notes, and the scripts that make the picture of the README: ``python -m docs.record_demo``."""
