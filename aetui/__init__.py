"""The terminal UI: looks at runs and bundles, and never imports torch."""
