"""Batch work with a bundle: images in, codes, images and scores out. No torch."""
