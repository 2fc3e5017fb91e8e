"""Parts of a screen that have keys of their own, one per file; Tab goes from one to the next."""
