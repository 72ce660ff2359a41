"""What is where, and what waits for whom."""
