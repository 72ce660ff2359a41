"""Render: the one adapter to copier, questions, template versions, provenance."""
