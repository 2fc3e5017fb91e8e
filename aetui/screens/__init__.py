"""What a key from 1 on shows: one screen per file, its layout in a .tcss beside it."""
