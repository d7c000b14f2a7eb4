"""What organisers may change about the words of mail: text with the names of values in it, never a template."""
