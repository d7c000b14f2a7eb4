"""2 find: who is willing, and who may be asked."""
