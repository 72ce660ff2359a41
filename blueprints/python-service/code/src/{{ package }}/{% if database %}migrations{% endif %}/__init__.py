"""The migrations, part of the package so that the image has them."""
