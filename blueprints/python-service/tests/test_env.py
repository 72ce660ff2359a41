"""The env repo, which is that of every HTTP service."""

from http_env import *  # noqa: F403
