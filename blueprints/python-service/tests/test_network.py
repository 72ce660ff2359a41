"""Who may ask the service, which is that of every HTTP service."""

from http_network import *  # noqa: F403
