"""The day itself, and what follows from it: how it was told, what was promised, what went wrong."""
