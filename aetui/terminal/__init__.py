"""What this terminal can do, and the one way of outside text onto it."""
