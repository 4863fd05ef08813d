"""Filters of the review page."""
