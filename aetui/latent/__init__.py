"""Mathematics of codes: arrays in, arrays out, numpy only."""
