"""Read-only pages across the steps: today, board, search, outbox."""
