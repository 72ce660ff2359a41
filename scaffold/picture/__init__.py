"""What runs where, and what waits for whom."""
