"""The site of a fleet: static pages of what runs where, made of what `scaffold status` knows."""
