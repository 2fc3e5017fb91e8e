"""Reading runs and bundles as they are now: what the screens know of them, kept current while files grow."""
