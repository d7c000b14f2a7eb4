"""Measuring what a visit changed."""
