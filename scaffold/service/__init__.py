"""Services: made, registered in the catalog."""
