"""Blueprints: where they come from, what they ask, what they render."""
