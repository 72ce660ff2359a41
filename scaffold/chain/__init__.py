"""The chain that keeps the paired repos in step."""
