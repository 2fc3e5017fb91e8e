"""One module per command of ``aetrain``: a thin skin over the library."""
