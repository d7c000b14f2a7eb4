"""Starting, stopping and surviving, with real processes."""
