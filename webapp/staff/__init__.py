"""Teams, and the people who meet customers."""
