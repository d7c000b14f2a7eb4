"""The stage every customer is in: derived from the facts by one rule, and kept so that pages need not derive it."""
