"""Deploys an environment to a cluster, with an inventory of what it put there."""
