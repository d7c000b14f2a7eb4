"""4 plan: a whole season at once, so that every team meets somebody its work is for."""
