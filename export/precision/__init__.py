"""Graphs with smaller weights: half precision, and eight bits. What that costs is measured before a bundle appears."""
