"""Tests of `scaffold.cookiecutter`: what cookiecutter makes is what copier makes of it."""
