"""Fits autoencoders: data, variants, networks, the training loop and the run folder."""
