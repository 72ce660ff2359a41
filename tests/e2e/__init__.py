"""The real chain, from a commit to what an environment builds to."""
