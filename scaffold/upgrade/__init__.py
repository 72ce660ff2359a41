"""Newer blueprint versions for repos that are there already; what their owners changed stays."""
