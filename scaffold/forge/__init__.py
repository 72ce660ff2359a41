"""Where repos and merge requests live: one Protocol, a package for each kind of forge."""
