"""What commands print with `--output json`: versioned documents and their JSON Schemas."""
