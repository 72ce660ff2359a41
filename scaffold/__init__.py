"""Paired GitOps repos for Kubernetes services, from versioned blueprints."""

__version__ = "0.9.0"
