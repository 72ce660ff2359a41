"""Asks what was deployed over HTTP: what is declared, rounds with retries, reports."""
