"""Inputs that nobody meant, for every parser; `benchmarks/malformed.py` makes many more of them."""
