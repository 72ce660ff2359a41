"""An organisation on GitHub, against a fake of its API that is held to GitHub's description."""

import logging
from collections.abc import Iterator

import pytest

from scaffold.errors import ForgeError
from scaffold.forge import FoundRepo, MergeRequest, RequestState, StatusState, open_forge
from scaffold.forge.credentials import Credentials
from scaffold.forge.github import GithubOrganisationForge
from scaffold.forge.github_client import open_github
from scaffold.model.forge import GithubForge, Visibility
from scaffold.model.platform import Role
from tests.forge.fake_github import TIME, FakeGithub
from tests.forge.fake_http import TOKEN, Answer, serving
from tests.forge.life import HOOK, MAIN, OTHER, SECRET, WORK
from tests.forge.openapi import Description

pytestmark = pytest.mark.usefixtures("naps")  # nothing really waits


@pytest.fixture
def github(github_description: Description) -> Iterator[FakeGithub]:
    """The server."""
    fake = FakeGithub(github_description)
    with serving(fake):
        yield fake


def connect(github: FakeGithub, token: str = TOKEN, bot: str = "bot") -> GithubOrganisationForge:
    """The forge on the server."""
    settings = GithubForge(kind="github", url=github.url, group="acme", bot=bot)
    return GithubOrganisationForge(settings, Credentials(token, "the test"))


@pytest.fixture
def forge(github: FakeGithub) -> GithubOrganisationForge:
    """The forge in an organisation."""
    return connect(github)


@pytest.fixture
def repo(github: FakeGithub, forge: GithubOrganisationForge) -> str:
    """A repo with two branches."""
    forge.create("web", description="The shop")
    github.push("web", "main", MAIN)
    github.push("web", "scaffold/python", WORK)
    github.calls.clear()
    return "web"


def writes(github: FakeGithub) -> list[str]:
    """The calls that changed something."""
    return [f"{one.method} {one.path}" for one in github.calls if one.method != "GET"]


def open_one(
    forge: GithubOrganisationForge, *, draft: bool = False, auto_merge: bool = False
) -> MergeRequest:
    """A pull request of the branch `scaffold/python`."""
    return forge.open_merge_request(
        "web",
        "scaffold/python",
        title="Upgrade",
        body="To v2",
        draft=draft,
        labels=["scaffold"],
        reviewers=["ada"],
        auto_merge=auto_merge,
    )


@pytest.mark.parametrize(
    ("url", "api"),
    [
        ("https://github.com", "https://api.github.com"),
        ("https://acme.ghe.com", "https://api.acme.ghe.com"),
        ("https://github.example.com", "https://github.example.com/api/v3"),
        ("https://github.example.com:8443", "https://github.example.com:8443/api/v3"),
    ],
)
def test_the_api_is_where_the_instance_has_it(url: str, api: str) -> None:
    """Of github.com and ghe.com on a host of its own, of an Enterprise Server below /api/v3."""
    settings = GithubForge(kind="github", url=url, group="acme")

    assert api == open_github(settings, Credentials(TOKEN, "the test")).base


def test_platform_yml_names_it(github: FakeGithub, monkeypatch: pytest.MonkeyPatch) -> None:
    """`forge: {kind: github, ...}` is a forge there, with the token of the environment."""
    monkeypatch.setattr("scaffold.git.access._accesses", {})
    monkeypatch.setenv("GH_TOKEN", TOKEN)
    monkeypatch.delenv("SCAFFOLD_TOKEN", raising=False)

    forge = open_forge(GithubForge(kind="github", url=github.url, group="acme"))

    assert f"{github.url}/acme/web.git" == forge.url("web")
    assert () == forge.check()


def test_a_new_repo_is_in_the_organisation(
    github: FakeGithub, forge: GithubOrganisationForge
) -> None:
    """It has the description and the visibility, and lets pull requests merge themselves."""
    assert forge.create("web", description="Sells \u00c4pfel")

    assert {
        "archived": False,
        "default_branch": "main",
        "description": "Sells \u00c4pfel",
        "visibility": Visibility.PRIVATE,
        "allow_auto_merge": True,
    } == github.repo("web").told


def test_topics_are_made_fit(github: FakeGithub, forge: GithubOrganisationForge) -> None:
    """GitHub takes lower case, digits and hyphens, 20 topics of up to 50 characters."""
    topics = ["Python Service", "team_shop", "--", "team-shop", "x" * 60]
    forge.create("web", description="", topics=[*topics, *(f"t{one}" for one in range(30))])

    assert ["python-service", "team-shop", "x" * 50, "t0"] == github.repo("web").topics[:4]
    assert 20 == len(github.repo("web").topics)


def test_a_repo_that_is_there_is_not_created(forge: GithubOrganisationForge, repo: str) -> None:
    """The answer is False, and it stays as it is."""
    assert not forge.create(repo, description="Another")


def test_a_name_that_is_not_taken_for_another_reason_is_told(
    github: FakeGithub, forge: GithubOrganisationForge
) -> None:
    """What GitHub lists is passed on, and what it takes to create repos."""
    problem = {"resource": "Repository", "message": "name is too long"}
    said = {"message": "Repository creation failed.", "errors": [problem]}
    github.refusals["POST", "/orgs/acme/repos"] = Answer(422, said)

    with pytest.raises(ForgeError) as caught:
        forge.create("web", description="")

    assert "can't create the repo `web`: status 422" == caught.value.what
    assert ("Repository creation failed.; name is too long",) == caught.value.details
    assert (
        "The forge takes no such values; it may be a setting. It takes a token with the scope repo,"
        " of a user who may create repos in `acme`." == caught.value.hint
    )


def test_a_fine_grained_token_is_told_its_permissions(
    github: FakeGithub, forge: GithubOrganisationForge
) -> None:
    """GitHub names those that would do in a header."""
    headers = {"X-Accepted-GitHub-Permissions": "administration=write"}
    said = {"message": "Resource not accessible by personal access token"}
    github.refusals["POST", "/orgs/acme/repos"] = Answer(403, said, headers)

    with pytest.raises(ForgeError) as caught:
        forge.create("web", description="")

    assert (
        "The token may not do that. It takes a token with the scope repo, of a user who may create"
        " repos in `acme`; of a fine-grained token, the permissions administration=write."
        == caught.value.hint
    )


def test_single_sign_on_is_told(github: FakeGithub, forge: GithubOrganisationForge) -> None:
    """With the page where the token is authorized for the organisation."""
    headers = {"X-GitHub-SSO": "required; url=https://github.com/orgs/acme/sso?authorization=1"}
    github.refusals["GET", "/orgs/acme/repos"] = Answer(403, {"message": "SAML"}, headers)

    with pytest.raises(ForgeError) as caught:
        forge.repos()

    assert "can't list the repos of `acme`: the organisation asks for single sign-on" == (
        caught.value.what
    )
    assert (
        "Authorize the token for it: https://github.com/orgs/acme/sso?authorization=1"
        == caught.value.hint
    )


def test_a_missing_repo_is_not_found(forge: GithubOrganisationForge) -> None:
    """`find` answers None, without waiting for it."""
    assert forge.find("web") is None


def test_a_repo_is_found_as_it_is(
    github: FakeGithub, forge: GithubOrganisationForge, repo: str
) -> None:
    """Its default branch is told, and whether it is archived."""
    github.repo(repo).told["default_branch"] = "trunk"
    assert FoundRepo("web", default_branch="trunk") == forge.find(repo)

    forge.archive(repo, archived=True)
    assert FoundRepo("web", archived=True, default_branch="trunk") == forge.find(repo)

    forge.archive(repo, archived=False)
    assert FoundRepo("web", default_branch="trunk") == forge.find(repo)


def test_a_renamed_repo_is_found_by_its_old_name(
    github: FakeGithub, forge: GithubOrganisationForge
) -> None:
    """GitHub redirects whoever reads; the name that comes back is the new one."""
    github.add("web2")
    github.moved = {"web": "web2"}

    assert FoundRepo("web2") == forge.find("web")


def test_a_renamed_repo_takes_no_writes(github: FakeGithub, forge: GithubOrganisationForge) -> None:
    """GitHub redirects them with 307, which PyGithub would take for done."""
    github.add("web2")
    github.moved = {"web": "web2"}

    with pytest.raises(ForgeError) as caught:
        forge.archive("web", archived=True)

    assert "can't archive the repo `web`: it has moved" == caught.value.what
    assert "Was the repo renamed? Name the new one in the catalog." == caught.value.hint
    assert not github.repo("web2").told["archived"]


def test_all_repos_are_listed(github: FakeGithub, forge: GithubOrganisationForge) -> None:
    """However many pages there are."""
    for number in range(230):
        github.add(f"web-{number:03}")

    assert tuple(f"web-{number:03}" for number in range(230)) == forge.repos()
    assert 3 == len(github.calls)


def test_a_repo_is_deleted_once(
    github: FakeGithub, forge: GithubOrganisationForge, repo: str
) -> None:
    """Deleting what is gone is no error, and nothing waits for it to appear."""
    forge.delete(repo)
    forge.delete(repo)

    assert [] == github.held_repos
    assert 2 == len(github.calls)


def test_groups_are_teams(github: FakeGithub, forge: GithubOrganisationForge, repo: str) -> None:
    """Missing ones are made; the highest role counts; again changes nothing."""
    access = {
        Role.READ_ONLY: ["Readers", "Shop Devs"],
        Role.DEVELOPER: ["Shop Devs"],
        Role.ADMIN: ["admins"],
    }

    forge.grant(repo, access)
    assert {"readers": "pull", "shop-devs": "push", "admins": "admin"} == github.repo(repo).teams
    assert "Shop Devs" == github.teams["shop-devs"]
    github.calls.clear()
    forge.grant(repo, access)

    assert [] == writes(github)


def test_other_teams_keep_what_they_have(
    github: FakeGithub, forge: GithubOrganisationForge, repo: str
) -> None:
    """Only what platform.yml names is set."""
    github.repo(repo).teams = {"readers": "admin", "others": "maintain"}

    forge.grant(repo, {Role.READ_ONLY: ["readers"]})

    assert {"readers": "pull", "others": "maintain"} == github.repo(repo).teams


def test_main_is_protected(github: FakeGithub, forge: GithubOrganisationForge, repo: str) -> None:
    """By a ruleset: pull requests are needed, but for the role admin and the bot."""
    forge.protect(repo)

    ruleset = github.repo(repo).rulesets[0]
    assert ("scaffold: main", "branch", "active") == (
        ruleset["name"],
        ruleset["target"],
        ruleset["enforcement"],
    )
    assert {"include": ["refs/heads/main"], "exclude": []} == ruleset["conditions"]["ref_name"]
    assert [
        {"actor_type": "RepositoryRole", "actor_id": 5, "bypass_mode": "always"},
        {"actor_type": "User", "actor_id": 2, "bypass_mode": "always"},
    ] == ruleset["bypass_actors"]
    assert ["pull_request", "non_fast_forward", "deletion"] == [
        one["type"] for one in ruleset["rules"]
    ]
    assert 0 == ruleset["rules"][0]["parameters"]["required_approving_review_count"]


def test_an_app_may_be_the_bot(github: FakeGithub, repo: str) -> None:
    """It gets past as an app, by the number of that."""
    connect(github, bot="robot[bot]").protect(repo)

    assert {"actor_type": "Integration", "actor_id": 77, "bypass_mode": "always"} == (
        github.repo(repo).rulesets[0]["bypass_actors"][1]
    )


def test_a_ruleset_that_was_changed_stays(
    github: FakeGithub, forge: GithubOrganisationForge, repo: str
) -> None:
    """Only who gets past it is seen to."""
    forge.protect(repo)
    ruleset = github.repo(repo).rulesets[0]
    ruleset["rules"][0]["parameters"]["required_approving_review_count"] = 2
    someone = {"actor_type": "Team", "actor_id": 4, "bypass_mode": "pull_request"}
    ruleset["bypass_actors"] = [someone, ruleset["bypass_actors"][0]]

    forge.protect(repo)

    assert 2 == ruleset["rules"][0]["parameters"]["required_approving_review_count"]
    assert ["Team", "RepositoryRole", "User"] == [
        one["actor_type"] for one in ruleset["bypass_actors"]
    ]
    github.calls.clear()
    forge.protect(repo)
    assert [] == writes(github)


def test_a_plan_without_rulesets_is_told(
    github: FakeGithub, forge: GithubOrganisationForge, repo: str
) -> None:
    """A free organisation has none for private repos."""
    github.free_plan = True

    with pytest.raises(ForgeError) as caught:
        forge.protect(repo)

    assert "can't protect main of `web`: status 403" == caught.value.what
    assert caught.value.hint.endswith("rules for private repos take the Team plan.")
    assert (
        "Upgrade to GitHub Pro or make this repository public to enable this feature.",
    ) == caught.value.details


def test_a_bot_that_nobody_knows_is_named(github: FakeGithub, repo: str) -> None:
    """The error says which setting names it."""
    with pytest.raises(ForgeError, match="there is no user `robot`"):
        connect(github, bot="robot").protect(repo)


def test_main_becomes_the_default_branch(
    github: FakeGithub, forge: GithubOrganisationForge, repo: str
) -> None:
    """Where the organisation or the first push had another one."""
    github.repo(repo).told["default_branch"] = "master"

    forge.protect(repo)

    assert "main" == github.repo(repo).told["default_branch"]


def test_one_webhook_tells_all_events(
    github: FakeGithub, forge: GithubOrganisationForge, repo: str
) -> None:
    """Again, with another secret, there is still one, with the new secret."""
    forge.webhook(repo, HOOK, SECRET)
    forge.webhook(repo, HOOK, "another")

    (hook,) = github.repo(repo).hooks
    assert {"url": HOOK, "content_type": "json", "secret": "another"} == hook["config"]
    assert ["push", "pull_request", "status", "check_run"] == hook["events"]
    assert hook["active"]


def test_a_merge_request_is_opened(forge: GithubOrganisationForge, repo: str) -> None:
    """It says where it comes from, and a draft is one."""
    opened = open_one(forge, draft=True)

    assert (
        MergeRequest(
            number=1,
            title="Upgrade",
            body="To v2",
            branch="scaffold/python",
            state=RequestState.OPEN,
            url="https://github.example.com/acme/web/pull/1",
            draft=True,
        )
        == opened
    )
    assert (opened,) == forge.merge_requests(repo)


def test_it_has_labels_and_reviewers(
    github: FakeGithub, forge: GithubOrganisationForge, repo: str
) -> None:
    """Users and teams are asked, one by one; who can't review is left out."""
    forge.open_merge_request(
        repo,
        "scaffold/python",
        title="Upgrade",
        body="",
        labels=["scaffold", "upgrade"],
        reviewers=["nobody", "acme/admins", "acme/nobodies", "ada"],
    )

    told = github.repo(repo).pulls[0]
    assert ["scaffold", "upgrade"] == [one["name"] for one in told["labels"]]
    assert ["ada"] == [one["login"] for one in told["requested_reviewers"]]
    assert ["admins"] == [one["slug"] for one in told["requested_teams"]]


def test_who_has_reviewed_is_not_asked_again(
    github: FakeGithub, forge: GithubOrganisationForge, repo: str
) -> None:
    """GitHub takes who has reviewed off the list; that is no reason to bother them."""
    open_one(forge)
    github.repo(repo).pulls[0]["requested_reviewers"].clear()
    github.repo(repo).reviews[1] = ["ada"]
    github.calls.clear()

    open_one(forge)

    assert [] == writes(github)


def test_an_open_one_is_brought_up_to_date(
    github: FakeGithub, forge: GithubOrganisationForge, repo: str
) -> None:
    """The text is replaced, labels and reviewers are added, the draft ends or begins."""
    open_one(forge, draft=True)

    again = forge.open_merge_request(
        repo, "scaffold/python", title="Upgrade", body="To v3", labels=["urgent"], reviewers=["bob"]
    )
    assert ("To v3", False, 1) == (again.body, again.draft, again.number)
    told = github.repo(repo).pulls[0]
    assert ["scaffold", "urgent"] == [one["name"] for one in told["labels"]]
    assert ["ada", "bob"] == [one["login"] for one in told["requested_reviewers"]]

    assert open_one(forge, draft=True).draft
    assert told["draft"]


def test_opening_the_same_again_changes_nothing(
    github: FakeGithub, forge: GithubOrganisationForge, repo: str
) -> None:
    """A second run writes nothing."""
    first = open_one(forge)
    assert (first,) == forge.merge_requests(repo)
    github.calls.clear()

    assert first == open_one(forge)
    assert [] == writes(github)


def test_a_request_of_a_fork_is_another_one(
    github: FakeGithub, forge: GithubOrganisationForge, repo: str
) -> None:
    """A branch of the same name in a fork is not ours; nor where the fork is gone."""
    open_one(forge)
    head = github.repo(repo).pulls[0]["head"]
    head["repo"] = {**head["repo"], "id": 999}
    assert () == forge.merge_requests(repo)

    github.described = False  # its description does not know of this null, which GitHub sends
    head["repo"] = None
    assert () == forge.merge_requests(repo)


def test_a_plan_without_drafts_is_told(
    github: FakeGithub, forge: GithubOrganisationForge, repo: str
) -> None:
    """A conflict is never opened as one that could be merged."""
    github.free_plan = True

    with pytest.raises(ForgeError) as caught:
        open_one(forge, draft=True)

    assert ("Draft pull requests are not supported in this repository.",) == caught.value.details
    assert caught.value.hint.endswith("drafts in private repos take a paid plan.")
    assert [] == github.repo(repo).pulls


def test_a_branch_that_was_not_pushed_is_told(forge: GithubOrganisationForge, repo: str) -> None:
    """What GitHub says of it is passed on."""
    with pytest.raises(ForgeError) as caught:
        forge.open_merge_request(repo, "nowhere", title="Upgrade", body="")

    assert "can't open a merge request of `web`: status 422" == caught.value.what
    assert ("Validation Failed; invalid",) == caught.value.details


def test_a_closed_one_is_followed_by_a_new_one(forge: GithubOrganisationForge, repo: str) -> None:
    """Only an open one is reused."""
    forge.close_merge_request(repo, open_one(forge).number)
    open_one(forge)

    assert [RequestState.CLOSED, RequestState.OPEN] == [
        one.state for one in forge.merge_requests(repo)
    ]


def test_only_an_open_one_is_closed(forge: GithubOrganisationForge, repo: str) -> None:
    """Else the error says what it is."""
    forge.close_merge_request(repo, open_one(forge).number)

    with pytest.raises(ForgeError, match="merge request 1 is closed already"):
        forge.close_merge_request(repo, 1)
    with pytest.raises(ForgeError, match="there is no merge request 7"):
        forge.close_merge_request(repo, 7)


def test_a_merge_waits_until_github_has_checked(
    github: FakeGithub, forge: GithubOrganisationForge, repo: str, naps: list[float]
) -> None:
    """Of one just opened GitHub does not know yet whether it merges."""
    open_one(forge)
    github.checking = 3

    forge.merge(repo, 1)

    assert RequestState.MERGED is forge.merge_requests(repo)[0].state
    assert [1, 1, 1] == naps


def test_it_is_merged_as_the_repo_allows(
    github: FakeGithub, forge: GithubOrganisationForge, repo: str
) -> None:
    """Where merge commits are not allowed it is squashed, or rebased."""
    open_one(forge)
    github.methods = ("rebase",)

    forge.merge(repo, 1)

    assert RequestState.MERGED is forge.merge_requests(repo)[0].state


def test_a_draft_is_not_merged(forge: GithubOrganisationForge, repo: str) -> None:
    """The error says what to do first."""
    open_one(forge, draft=True)

    with pytest.raises(ForgeError, match="merge request 1 is a draft"):
        forge.merge(repo, 1)


def test_a_conflict_is_not_merged(
    github: FakeGithub, forge: GithubOrganisationForge, repo: str
) -> None:
    """What GitHub says is passed on."""
    open_one(forge)
    github.repo(repo).pulls[0]["mergeable"] = False

    with pytest.raises(ForgeError) as caught:
        forge.merge(repo, 1)

    assert "merge request 1 can't be merged" == caught.value.what
    assert ("Pull Request is not mergeable",) == caught.value.details


def test_it_merges_itself_once_its_checks_are_green(
    github: FakeGithub, forge: GithubOrganisationForge, repo: str
) -> None:
    """It is set so once; GitHub does the rest."""
    open_one(forge, auto_merge=True)
    assert {"merge_method": "merge"} == github.repo(repo).pulls[0]["auto_merge"]

    github.calls.clear()
    open_one(forge, auto_merge=True)
    assert [] == writes(github)


def test_a_repo_that_does_not_allow_it_is_told(
    github: FakeGithub,
    forge: GithubOrganisationForge,
    repo: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The request stays open, and the run goes on."""
    github.auto_merge_allowed = False

    open_one(forge, auto_merge=True)

    assert RequestState.OPEN is forge.merge_requests(repo)[0].state
    said = "Pull request Auto merge is not allowed for this repository"
    pull = "https://github.example.com/acme/web/pull/1"
    assert [f"{pull} does not merge itself: {said}"] == caplog.messages


@pytest.mark.parametrize(
    ("mergeable_state", "state", "merged"),
    [
        ("clean", None, False),
        ("unstable", "pending", False),
        ("unstable", "failure", False),
        ("clean", "success", True),
    ],
)
def test_where_no_check_is_required_it_is_merged_if_all_are_green(
    github: FakeGithub,
    forge: GithubOrganisationForge,
    repo: str,
    mergeable_state: str,
    state: str | None,
    merged: bool,
) -> None:
    """And never before a check was there: a click on GitHub would merge it at once."""
    github.mergeable_state = mergeable_state
    if state is not None:
        forge.set_status(repo, WORK, "validate", StatusState(state))

    open_one(forge, auto_merge=True)

    assert merged == (RequestState.MERGED is forge.merge_requests(repo)[0].state)


def run(number: int, name: str, conclusion: str | None, **more: object) -> dict[str, object]:
    """A check run of main."""
    return {
        "id": number,
        "head_sha": MAIN,
        "name": name,
        "status": "completed" if conclusion else "in_progress",
        "conclusion": conclusion,
        "started_at": TIME,
        "completed_at": TIME if conclusion else None,
        **more,
    }


def test_check_runs_are_statuses(
    github: FakeGithub, forge: GithubOrganisationForge, repo: str
) -> None:
    """The newest of a name counts; a skipped one says nothing, a neutral one is fine."""
    github.repo(repo).runs = [
        run(1, "image", "success"),
        run(2, "image", "skipped"),
        run(4, "validate", "failure"),
        run(3, "validate", "success"),
        run(5, "smoke/dev", None),
        run(6, "lint", "neutral"),
        run(7, "slow", "timed_out"),
        run(8, "docs", "skipped"),
        run(9, "queued", None, status="queued", started_at=None),
    ]

    assert {
        "image": StatusState.SUCCESS,
        "validate": StatusState.FAILURE,
        "smoke/dev": StatusState.PENDING,
        "lint": StatusState.SUCCESS,
        "slow": StatusState.FAILURE,
        "queued": StatusState.PENDING,
    } == forge.statuses(repo, MAIN)


def test_the_newer_of_a_status_and_a_check_run_counts(
    github: FakeGithub, forge: GithubOrganisationForge, repo: str
) -> None:
    """Where both have the same name."""
    forge.set_status(repo, MAIN, "image", StatusState.FAILURE)
    forge.set_status(repo, MAIN, "validate", StatusState.FAILURE)
    github.repo(repo).runs = [
        run(1, "image", "success", completed_at="2026-01-02T03:04:06Z"),
        run(2, "validate", "success", completed_at="2026-01-02T03:04:04Z"),
    ]

    assert {
        "image": StatusState.SUCCESS,
        "validate": StatusState.FAILURE,
    } == forge.statuses(repo, MAIN)


def test_all_pages_of_both_are_read(
    github: FakeGithub, forge: GithubOrganisationForge, repo: str
) -> None:
    """A commit may have more than a page of either."""
    github.repo(repo).runs = [run(number, f"run-{number}", "success") for number in range(150)]
    github.repo(repo).statuses = [
        {"id": one, "sha": MAIN, "context": f"s-{one}", "state": "success", "updated_at": TIME}
        for one in range(150)
    ]

    assert 300 == len(forge.statuses(repo, MAIN))


def test_a_token_that_sees_no_check_runs_is_told(
    github: FakeGithub, forge: GithubOrganisationForge, repo: str
) -> None:
    """A fine-grained one never does; without them no job would ever seem green."""
    said = {"message": "Resource not accessible by personal access token"}
    github.refusals["GET", "/check-runs"] = Answer(403, said)

    with pytest.raises(ForgeError) as caught:
        forge.statuses(repo, MAIN)

    assert "can't read the statuses of `web`: status 403" == caught.value.what
    assert caught.value.hint.endswith("to a fine-grained token GitHub shows no check runs.")


def test_a_commit_without_statuses_has_none(forge: GithubOrganisationForge, repo: str) -> None:
    """Nor has one that the repo does not know."""
    assert {} == forge.statuses(repo, MAIN)
    assert {} == forge.statuses(repo, OTHER)


def test_a_status_is_set_once(
    github: FakeGithub, forge: GithubOrganisationForge, repo: str
) -> None:
    """GitHub keeps 1000 of a name at most, so what is so already is not set again."""
    forge.set_status(repo, MAIN, "validate", StatusState.PENDING)
    forge.set_status(repo, MAIN, "validate", StatusState.PENDING)
    forge.set_status(repo, MAIN, "validate", StatusState.SUCCESS)

    assert {"validate": StatusState.SUCCESS} == forge.statuses(repo, MAIN)
    assert 2 == len(writes(github))


def test_a_token_with_all_rights_lacks_nothing(forge: GithubOrganisationForge) -> None:
    """An owner's, with all scopes."""
    assert () == forge.check()


def test_what_a_classic_token_lacks_is_told(
    github: FakeGithub, forge: GithubOrganisationForge
) -> None:
    """Its scopes, its user's membership, the bot."""
    github.scopes = "repo, read:org"
    github.membership = {"role": "member", "state": "active"}
    github.organisation = {"login": "acme", "members_can_create_repositories": False}
    del github.users["bot"]

    assert (
        "push the workflows of CI: the token needs the scope workflow",
        "make teams and give them repos: the token needs the scope admin:org",
        "take back repos where creating a service fails: the token needs the scope delete_repo",
        "create repos in `acme`: only owners may, and `platform` is none",
        "let the bot push: there is no user `bot`",
    ) == forge.check()


def test_a_fine_grained_token_tells_no_scopes(
    github: FakeGithub, forge: GithubOrganisationForge
) -> None:
    """So only what its user may do, and what it may read, is known."""
    github.scopes = None
    github.membership = 403

    assert (
        "make teams in `acme`: the token needs the permission Members, to write",
    ) == forge.check()


@pytest.mark.parametrize(
    ("membership", "lacks"),
    [
        (404, "create repos in `acme`: `platform` is no member"),
        (
            {"role": "member", "state": "pending"},
            "create repos in `acme`: `platform` has not taken the invitation yet",
        ),
    ],
)
def test_who_is_no_member_is_told(
    github: FakeGithub, forge: GithubOrganisationForge, membership: int, lacks: str
) -> None:
    """Of the organisation, or not yet."""
    github.membership = membership

    assert (lacks,) == forge.check()


def test_a_token_of_an_app_is_taken(github: FakeGithub, forge: GithubOrganisationForge) -> None:
    """There is no user behind it, so nothing is known of one."""
    github.user = None

    assert () == forge.check()


def test_an_organisation_that_is_not_seen_is_told(
    github: FakeGithub, forge: GithubOrganisationForge
) -> None:
    """Nothing more is known then."""
    github.organisation = None

    assert ("see the organisation `acme`: make it, or become a member",) == forge.check()


def test_a_wrong_token_is_told(github: FakeGithub) -> None:
    """The error is about the token and does not show it."""
    with pytest.raises(ForgeError) as caught:
        connect(github, "wrong-token").check()

    assert "can't ask who the token's user is: status 401" == caught.value.what
    assert (
        "The token is not valid (any more), or is another instance's. Set a new one."
        == caught.value.hint
    )
    assert "wrong-token" not in repr(vars(caught.value))


def test_each_forge_has_its_own_token(github: FakeGithub, forge: GithubOrganisationForge) -> None:
    """Two of them on one server, as of two users."""
    other = connect(github, "wrong-token")

    assert () == forge.check()
    with pytest.raises(ForgeError, match="status 401"):
        other.check()
    assert () == forge.check()


def test_a_new_repo_may_be_missing_for_a_while(
    github: FakeGithub, forge: GithubOrganisationForge, naps: list[float]
) -> None:
    """What follows its creation waits until it is there."""
    github.lag = 3

    forge.create("web", description="")
    forge.archive("web", archived=True)

    assert github.repo("web").told["archived"]
    assert [1.0, 2.0, 4.0] == naps


def test_an_old_repo_that_is_missing_is_not_waited_for(
    forge: GithubOrganisationForge, naps: list[float]
) -> None:
    """A 404 is an answer where nothing was just created."""
    with pytest.raises(ForgeError, match="status 404"):
        forge.archive("web", archived=True)

    assert [] == naps


def test_the_token_is_in_no_log(
    forge: GithubOrganisationForge, repo: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Whatever is logged, at any level."""
    with caplog.at_level(logging.DEBUG):
        open_one(forge)
        forge.find(f"{repo}-2")

    assert caplog.records
    assert TOKEN not in caplog.text
    assert TOKEN not in repr(vars(forge))
