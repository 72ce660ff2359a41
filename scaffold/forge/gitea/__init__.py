"""Gitea."""
