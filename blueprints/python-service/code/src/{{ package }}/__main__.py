"""Run the service: what the image starts."""

import os

from .app import create_app, create_operations
from .logs import configure
from .server import serve
from .settings import Settings


def main() -> None:
    """Serve until a signal says stop."""
    settings = Settings.from_environment(os.environ)
    configure(settings.log_level)
    app = create_app()
    serve(app, create_operations(app), settings)


if __name__ == "__main__":
    main()
