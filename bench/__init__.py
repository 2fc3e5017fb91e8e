"""What the trainer is held against: speed beside other ways to train the same network, quality beside references.

Run from a checkout: ``python -m bench.train``, ``python -m bench.speedrun``, ``python -m bench.results``.
"""
