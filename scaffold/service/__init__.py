"""Services: creating, registering and retiring them."""
