"""The manifest repo, which is that of every HTTP service."""

from http_manifest import *  # noqa: F403
