"""Arrays to characters: pure numpy, no terminal, no widget."""
