"""Upgrades of existing repos to newer blueprint versions, which keep their owners' changes."""
