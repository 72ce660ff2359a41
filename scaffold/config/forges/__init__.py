"""The kinds of forge: a module each, with all that is its own but the calls of its API."""
