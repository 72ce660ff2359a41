"""Kills whole runs of commands at random moments; see `__main__.py`."""
