"""Git: objects in memory by pygit2, transport by the git program. The only callers of either."""
