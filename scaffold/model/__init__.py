"""What platform.yml, blueprint.yml, the catalog and .scaffold.yml say, as values; no I/O."""
