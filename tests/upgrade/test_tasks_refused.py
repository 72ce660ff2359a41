"""Tasks that nobody trusts are not run, and those that fail are errors."""

import pytest

from scaffold.errors import ProcessFailedError, RenderError, ToolMissingError, UntrustedError
from scaffold.upgrade.plan import Want
from tests.upgrade.case import Case, decided
from tests.upgrade.test_tasks_run import ONE, upgraded


class TestWithoutTrust:
    """Nothing is run, and the error shows what would have been."""

    @pytest.mark.parametrize(
        ("questions", "shown"),
        [
            ("_tasks: ['touch {ran}']\n", "a command: touch {ran}"),
            ("_tasks: ['touch {ran}', [echo, 'a b']]\n", "2 commands: touch {ran}; echo a b"),
            ("_tasks: [{{command: 'touch {ran}', when: true}}]\n", "a command: touch {ran}"),
            ("_migrations: ['touch {ran}']\n", "a command: touch {ran}"),
            ("_migrations: [{{version: v2, before: ['touch {ran}']}}]\n", "touch {ran}"),
        ],
        ids=["task", "list", "mapping", "migration", "old-migration"],
    )  # fmt: skip
    def test_it_is_refused(self, case: Case, questions: str, shown: str) -> None:
        """Whatever form it has."""
        ran = case.root / "ran"

        with pytest.raises(UntrustedError) as caught:
            upgraded(case, questions.format(ran=ran), Want())

        assert (True, False) == (shown.format(ran=ran) in caught.value.what, ran.exists())
        assert "--trust" in caught.value.hint

    def test_a_secret_is_not_shown(self, case: Case) -> None:
        """The error ends up in logs and merge requests."""
        asks = "_tasks: ['login {{ token }}']\ntoken: {type: str, secret: true, default: x}\n"

        with pytest.raises(UntrustedError, match=r"login \*\*\*$"):
            upgraded(case, asks, Want(given={"token": "hush"}))

    def test_a_whole_script_is_not_shown(self, case: Case) -> None:
        """Its first line tells which it is."""
        asks = '_tasks: [[sh, -c, "# Tidy up\\nrm -f x\\n"]]\n'

        with pytest.raises(UntrustedError, match=r"a command: sh -c # Tidy up \.\.\.$"):
            upgraded(case, asks, Want())

    def test_conditions_that_are_not_met(self, case: Case) -> None:
        """There is nothing to run, so nothing to refuse."""
        plan = upgraded(
            case, "_tasks: [{command: 'false', when: '{{ wanted }}'}]\nwanted: false\n", Want()
        )

        assert [("a.txt", "merged")] == decided(plan)

    def test_nothing_new(self, case: Case) -> None:
        """A repo that is current needs no trust."""
        case.release("v1.0.0", ONE, "_tasks: ['false']\n")
        case.generate("v1.0.0")

        assert "current" == case.plan().state

    def test_extensions(self, case: Case) -> None:
        """They are code that runs in this process."""
        with pytest.raises(UntrustedError, match="extensions"):
            upgraded(case, "_jinja_extensions: [jinja2.ext.do]\n", Want())


class TestFailures:
    """A task that fails is an error that names it; the repo is as it was."""

    def test_its_status(self, case: Case) -> None:
        """And what it said."""
        with pytest.raises(ProcessFailedError, match=r"failed with status 3: echo no") as caught:
            upgraded(case, "_tasks: ['echo no >&2; exit 3', 'touch after']\n")

        assert (("no",), True) == (caught.value.details, "@v2.0.0" in caught.value.where)

    def test_a_program_that_is_not_there(self, case: Case) -> None:
        """In list form there is no shell to say so."""
        with pytest.raises(ToolMissingError, match="no-such-program"):
            upgraded(case, "_tasks: [[no-such-program]]\n")

    def test_a_program_that_can_not_be_run(self, case: Case) -> None:
        """A file that is not executable."""
        with pytest.raises(ProcessFailedError, match=r"can't be started: \./a\.txt"):
            upgraded(case, "_tasks: [[./a.txt]]\n")

    def test_a_folder_that_is_not_there(self, case: Case) -> None:
        """It is named."""
        with pytest.raises(ProcessFailedError, match="`none`, which is no folder: pwd"):
            upgraded(case, "_tasks: [{command: pwd, working_directory: none}]\n")

    @pytest.mark.parametrize(
        "tasks", ["['{{ 1 / 0 }}']", "['{% fi %}']", "[{when: true}]", "[{command: x, when: '{{'}]"]
    )
    def test_a_task_that_is_broken(self, case: Case, tasks: str) -> None:
        """The template's fault."""
        with pytest.raises(RenderError, match="tasks or migrations are broken"):
            upgraded(case, f"_tasks: {tasks}\n")

    def test_nothing_is_left_behind(self, case: Case) -> None:
        """Not the scratch folder either."""
        with pytest.raises(ProcessFailedError):
            upgraded(case, "_tasks: ['false']\n")

        assert [] == [
            path.name for path in (case.root / "scratch").iterdir() if "task" in path.name
        ]
