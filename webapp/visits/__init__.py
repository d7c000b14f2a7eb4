"""4 plan: when customers meet staff, where, and what follows from that time."""
