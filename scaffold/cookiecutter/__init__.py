"""Templates of cookiecutter's, made into templates of copier's. Trees go in and come out."""
