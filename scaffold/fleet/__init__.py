"""The platform repo and the catalog of its services."""
