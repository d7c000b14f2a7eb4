"""Estimators on plain arrays: they know no page and no table."""
