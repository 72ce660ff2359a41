"""A partial clone that lacks what is to be read."""

from pathlib import Path

import pytest

from scaffold.errors import ForgeError
from scaffold.git.tree import open_repo, read_tree
from tests.builders import commit_files, git


def test_it_is_told_how_to_fetch_the_rest(tmp_path: Path) -> None:
    """And that brings it."""
    source = tmp_path / "source"
    commit_files(source, {"a/b": "one\n"})
    git("config", "uploadpack.allowFilter", "true", cwd=source)
    here = tmp_path / "here"
    git("clone", "--quiet", "--no-checkout", "--filter=tree:0", source.as_uri(), str(here),
        cwd=tmp_path)  # fmt: skip

    with pytest.raises(ForgeError, match="an object that is missing") as caught:
        read_tree(open_repo(here), "HEAD")
    hint = f"It is a partial clone. Have it fetch the rest: `git -C {here}/.git/ "
    assert f"{hint}fetch --refetch --no-filter`" == caught.value.hint

    git("fetch", "--quiet", "--refetch", "--no-filter", cwd=here)
    assert {"a/b": b"one\n"} == {
        path: entry.data for path, entry in read_tree(open_repo(here), "HEAD").items()
    }
