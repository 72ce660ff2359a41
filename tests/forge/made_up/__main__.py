"""`scaffold`, with the made-up forge registered before anything else is loaded."""

from scaffold.config.forges.registered import FORGES
from tests.forge.made_up.kind import CODEYARD

if __name__ == "__main__":
    FORGES.append(CODEYARD)
    from scaffold.cli.main import main

    main()
