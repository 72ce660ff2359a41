"""Files that git stores in another form than a work tree has: git-lfs, git-crypt, encodings."""

import pytest

from tests.upgrade.case import Case, conflicts, decided, result, texts

LFS = "*.bin filter=lfs diff=lfs merge=lfs -text\n"
POINTER = "version https://git-lfs.github.com/spec/v1\noid sha256:0123\nsize 4\n"


@pytest.mark.parametrize(
    ("attributes", "path"),
    [
        ({".gitattributes": LFS}, "a.bin"),
        ({".gitattributes": "/conf/** filter=git-crypt\n"}, "conf/secret.yml"),
        ({"conf/.gitattributes": "* filter=git-crypt\n"}, "conf/deep/secret.yml"),
        ({".gitattributes": "*.txt working-tree-encoding=ISO-8859-1\n"}, "a.txt"),
    ],
)
def test_what_the_owner_has_stored_stays(case: Case, attributes: dict[str, str], path: str) -> None:
    """The blueprint's change is told, and nothing raw gets into a commit in its place."""
    case.release("v1.0.0", {path: "raw\n", "f": "one\n"})
    case.generate("v1.0.0")
    case.edit({**attributes, path: POINTER})
    case.release("v2.0.0", {path: "new\n", "f": "two\n"})

    plan = case.plan()

    assert [(path, "converted"), ("f", "updated")] == sorted(decided(plan))
    assert POINTER == texts(result(plan))[path]
    assert [] == conflicts(plan)


def test_a_new_file_is_left_out(case: Case) -> None:
    """Git would store it otherwise, had a person added it."""
    case.release("v1.0.0", {"f": "one\n"})
    case.generate("v1.0.0")
    case.edit({".gitattributes": LFS})
    case.release("v2.0.0", {"f": "one\n", "a.bin": "new\n"})

    plan = case.plan()

    assert [("a.bin", "converted")] == decided(plan)
    assert "a.bin" not in result(plan)


def test_a_rule_that_comes_with_the_upgrade(case: Case) -> None:
    """It counts already, since the files of the branch are read by it."""
    case.release("v1.0.0", {"f": "one\n"})
    case.generate("v1.0.0")
    case.release("v2.0.0", {"f": "one\n", ".gitattributes": LFS, "a.bin": "new\n"})

    assert [(".gitattributes", "added"), ("a.bin", "converted")] == sorted(decided(case.plan()))


@pytest.mark.parametrize("attributes", ["*.bin -filter\n", "*.other filter=lfs\n", "*.bin text\n"])
def test_what_git_stores_as_it_is(case: Case, attributes: str) -> None:
    """Files of no filter, and those that are freed of one, take part as ever."""
    case.release("v1.0.0", {"a.bin": "raw\n"})
    case.generate("v1.0.0")
    case.edit({".gitattributes": attributes})
    case.release("v2.0.0", {"a.bin": "new\n"})

    assert [("a.bin", "updated")] == decided(case.plan())
