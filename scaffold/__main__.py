"""`python -m scaffold` is the same as `scaffold`."""

from scaffold.cli.main import main

if __name__ == "__main__":
    main()
