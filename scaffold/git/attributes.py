"""What `.gitattributes` say about a path, by git itself, whatever the user's own attributes say."""

import tempfile
from collections.abc import Mapping
from pathlib import Path

from scaffold.git import transport


def find_attribute(name: str, path: str, files: Mapping[str, bytes]) -> str:
    """The value of an attribute of a path; `set`, `unset` or `unspecified` where it has none.

    `files` are the attributes files that count, by path.
    """
    with tempfile.TemporaryDirectory(prefix="scaffold-attributes-") as folder:
        transport.git("init", "--quiet", "--template=", folder)
        for place, data in files.items():
            file = Path(folder) / place
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(data)
        own = ("-c", "core.attributesFile=/dev/null")
        done = transport.git(*own, "check-attr", "-z", name, "--", path, cwd=Path(folder))
    return done.stdout.split(b"\0")[2].decode("utf-8", "replace")
