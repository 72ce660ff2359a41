"""What `scaffold doctor` finds."""
