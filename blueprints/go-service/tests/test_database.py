"""A database, which is that of every HTTP service."""

from http_database import *  # noqa: F403
