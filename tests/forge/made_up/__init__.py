"""A forge that nobody has, added as CONTRIBUTING.md says: `kind.py` and `adapter.py`."""
