"""What authors of blueprints work with: a skeleton, a test kit, releases."""
