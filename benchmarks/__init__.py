"""Side-by-side runs against peers, and long runs of random answers; see README.md."""
