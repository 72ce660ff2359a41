"""What is where, and what has drifted."""
