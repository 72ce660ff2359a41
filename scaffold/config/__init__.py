"""Files that people write: platform.yml, blueprint.yml, .scaffold.yml, the catalog; no I/O."""
