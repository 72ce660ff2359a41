"""The embedded forge: bare repos in a folder."""
