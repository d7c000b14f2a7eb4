"""Firsthand: people do better work when they meet somebody it was for. `application.create_app` puts the slices together."""
