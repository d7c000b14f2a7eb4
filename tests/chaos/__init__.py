"""The chaos bench: `python -m tests.chaos --seed 7 --n 500` breaks everything that can break, and counts the mail."""
