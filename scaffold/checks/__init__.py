"""Checks on what was generated, each an outside program behind one small function."""
