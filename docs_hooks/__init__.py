"""What mkdocs calls while it builds the docs site."""
