"""What a template may read of the place that it is rendered for, and what it is told of itself."""

import jinja2.environment
import pytest

from scaffold.errors import RenderError
from scaffold.upgrade.plan import Want
from tests.upgrade.case import Case, conflicts, decided, result, texts

DATA = "_external_data: {up: '{{ where }}'}\nwhere: {type: str, default: data.yml, when: false}\n"


def test_external_data(case: Case) -> None:
    """It is read from the repo, at a path that may be a computed answer."""
    case.release("v1.0.0", {"a.txt.jinja": "{{ _external_data.up.name }} 1\n"}, DATA)
    (case.repo).mkdir()
    (case.repo / "data.yml").write_text("name: Grüße\n", encoding="utf-8")
    case.generate("v1.0.0")
    case.release("v2.0.0", {"a.txt.jinja": "{{ _external_data.up.name }} 2\n"}, DATA)

    plan = case.plan()

    assert ("Grüße 2\n", [("a.txt", "updated")]) == (texts(result(plan))["a.txt"], decided(plan))


def test_external_data_as_a_default(case: Case) -> None:
    """A new question may take it from there."""
    case.release("v1.0.0", {})
    case.generate("v1.0.0")
    case.edit({"data.yml": "name: shop\n"})
    asks = DATA + "name: {type: str, default: '{{ _external_data.up.name }}'}\n"
    case.release("v2.0.0", {"a.txt.jinja": "{{ name }}\n"}, asks)

    assert "shop\n" == texts(result(case.plan()))["a.txt"]


def test_external_data_that_the_template_renders_itself(case: Case) -> None:
    """It is a file of the template like any other, in both renders."""
    case.release("v1.0.0", {"data.yml": "name: shop\n"}, DATA)
    case.generate("v1.0.0")
    case.release("v2.0.0", {"data.yml": "name: shop\nmore: 1\n"}, DATA)

    plan = case.plan()

    assert ([("data.yml", "updated")], []) == (decided(plan), conflicts(plan))


def test_external_data_that_is_missing(case: Case) -> None:
    """It is empty, as it is for copier."""
    case.release("v1.0.0", {"a.txt.jinja": "{{ _external_data.up.name }} 1\n"}, DATA)
    case.generate("v1.0.0")
    case.release("v2.0.0", {"a.txt.jinja": "{{ _external_data.up.name }} 2\n"}, DATA)

    assert " 2\n" == texts(result(case.plan()))["a.txt"]


@pytest.mark.parametrize("path", ["../secret.yml", "/etc/hosts", "a/../../b.yml"])
def test_external_data_of_the_machine(case: Case, path: str) -> None:
    """A template reads nothing outside the repo."""
    case.release("v1.0.0", {})
    case.generate("v1.0.0")
    files = {"a.txt.jinja": "{{ _external_data.up }}\n"}
    case.release("v2.0.0", files, f"_external_data: {{up: '{path}'}}\n")

    with pytest.raises(RenderError, match="is forbidden"):
        case.plan()


def test_a_project_in_a_folder(case: Case) -> None:
    """Its paths are below that folder, whose name is the one that templates see."""
    case.release("v1.0.0", {"a.txt.jinja": "{{ _folder_name }} 1\n"})
    case.generate("v1.0.0", folder="services/cart")
    case.edit({"a.txt": "not the template's\n"})
    case.release("v2.0.0", {"a.txt.jinja": "{{ _folder_name }} 2\n"})

    plan = case.plan(folder="services/cart")

    assert ("cart 2\n", [("a.txt", "updated")]) == (texts(result(plan))["a.txt"], decided(plan))


def test_the_name_of_a_folder(case: Case) -> None:
    """Where the owner's folder was called otherwise, the line is taken for an edit and kept."""
    case.release("v1.0.0", {"a.txt.jinja": "{{ _folder_name }}\nx\n"})
    case.generate("v1.0.0")
    case.edit({"a.txt": "other\nx\n"})
    case.release("v2.0.0", {"a.txt.jinja": "{{ _folder_name }}\nx\n", "b.txt": "new\n"})

    plan = case.plan()

    assert ("other\nx\n", []) == (texts(result(plan))["a.txt"], conflicts(plan))


@pytest.mark.parametrize(
    "text",
    [
        "{{ _copier_conf.dst_path }}",
        "{{ _copier_conf.src_path }}",
        "{{ _copier_operation }}",
        "{{ _copier_phase }}",
        "{{ _copier_conf.data | length }}",
        "{{ _copier_conf.answers_file }}",
        "{{ _copier_conf.os }}",
    ],
)
def test_what_differs_between_runs_is_no_change(case: Case, text: str) -> None:
    """Paths of temporary folders and such are the same in both renders."""
    case.release("v1.0.0", {"a.txt.jinja": f"{text}\n"})
    case.generate("v1.0.0")
    case.release("v2.0.0", {"a.txt.jinja": f"{text}\n", "b.txt": "new\n"})

    plan = case.plan()

    assert ([("b.txt", "added")], []) == (decided(plan), conflicts(plan))


def test_a_file_for_copies_alone(case: Case) -> None:
    """It was made once, and an update leaves it to the owner."""
    rule = "_exclude: [copier.yml, \"{% if _copier_operation == 'update' %}a.txt{% endif %}\"]\n"
    case.release("v1.0.0", {"a.txt": "one\n"}, rule)
    case.generate("v1.0.0")
    case.edit({"a.txt": "mine\n"})
    case.release("v2.0.0", {"a.txt": "two\n", "b.txt": "new\n"}, rule)

    plan = case.plan()

    assert ("mine\n", [("b.txt", "added")]) == (texts(result(plan))["a.txt"], decided(plan))


def test_the_commit_of_the_template(case: Case) -> None:
    """Each render has that of its own version."""
    files = {"a.txt.jinja": "{{ _copier_conf.vcs_ref_hash }} {{ _copier_answers._commit }}\n"}
    case.release("v1.0.0", files)
    case.generate("v1.0.0")
    commit = case.release("v2.0.0", {**files, "b.txt": "new\n"})

    plan = case.plan()

    assert (f"{commit} v2.0.0\n", []) == (texts(result(plan))["a.txt"], conflicts(plan))
    assert case.fresh("v2.0.0") == result(plan)


def test_a_subdirectory_from_an_answer(case: Case) -> None:
    """Another answer renders another folder of the template."""
    asks = "_subdirectory: '{{ kind }}'\nkind: {type: str, choices: [one, two]}\n"
    answers = "{{ _copier_answers | to_nice_yaml }}"
    files = {
        f"{kind}/{{{{ _copier_conf.answers_file }}}}.jinja": answers for kind in ("one", "two")
    }
    case.release("v1.0.0", {**files, "one/a.txt": "1\n", "two/b.txt": "2\n"}, asks)
    case.generate("v1.0.0", kind="one")

    plan = case.plan(Want(given={"kind": "two"}))

    assert case.fresh("v1.0.0", kind="two") == result(plan)


def test_a_template_for_a_newer_copier(case: Case) -> None:
    """The error names the version and what it needs; the repo is as it was."""
    case.release("v1.0.0", {})
    case.generate("v1.0.0")
    case.release("v2.0.0", {}, "_min_copier_version: '99'\n")

    with pytest.raises(RenderError, match="requires Copier version >= 99") as caught:
        case.plan()

    assert caught.value.where.endswith("@v2.0.0:copier.yml")
    assert caught.value.what.startswith("needs a newer copier than this scaffold has")
    assert "Upgrade scaffold" in caught.value.hint


def test_an_extension_that_is_not_installed(case: Case) -> None:
    """It is named, and where its package belongs; it is no fault of the blueprint."""
    case.release("v1.0.0", {})
    case.generate("v1.0.0")
    case.release(
        "v2.0.0", {"a.txt.jinja": "{{ 1 }}\n"}, "_jinja_extensions: [nowhere_to_be.Found]\n"
    )

    with pytest.raises(RenderError, match="not installed: No module named 'nowhere_to_be'") as told:
        case.plan(Want(trusted=lambda _: True))

    assert (
        "Install the package with module `nowhere_to_be`, in the virtual environment or image that"
        " scaffold is in."
    ) == told.value.hint


def test_a_loader_of_extensions_changes_no_other_template(case: Case) -> None:
    """It replaces jinja's way to import one, which is put back."""
    loader = "_jinja_extensions: [copier_template_extensions.TemplateExtensionLoader]\n"
    case.release("v1.0.0", {})
    case.generate("v1.0.0")
    own = vars(jinja2.environment)["import_string"]
    case.release("v2.0.0", {"a.txt.jinja": "{{ 1 }}\n"}, loader)

    assert [("a.txt", "added")] == decided(case.plan(Want(trusted=lambda _: True)))
    assert own is vars(jinja2.environment)["import_string"]


def test_a_template_for_an_older_copier(case: Case) -> None:
    """It is rendered, without a word."""
    case.release("v1.0.0", {"a.txt": "one\n"}, "_min_copier_version: '6.0'\n")
    case.generate("v1.0.0")
    case.release("v2.0.0", {"a.txt": "two\n"}, "_min_copier_version: '6.0'\n")

    assert [("a.txt", "updated")] == decided(case.plan())
