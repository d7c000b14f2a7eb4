"""Mail that comes in: what it is, what comes of it, and from where it is fetched. `reading.read` is the way in."""
