"""A group of a GitLab instance, against a fake of its REST API (see fake_gitlab)."""

import logging
from collections.abc import Iterator

import pytest

from scaffold.errors import ForgeError
from scaffold.forge import FoundRepo, MergeRequest, RequestState, StatusState, open_forge
from scaffold.forge.credentials import Credentials
from scaffold.forge.gitlab import GitlabGroupForge
from scaffold.model.forge import GitlabForge
from scaffold.model.platform import Role
from tests.forge.fake_gitlab import FakeGitlab
from tests.forge.fake_http import TOKEN, serving
from tests.forge.life import HOOK, MAIN, OTHER, SECRET, WORK

pytestmark = pytest.mark.usefixtures("naps")  # nothing really waits


@pytest.fixture
def gitlab() -> Iterator[FakeGitlab]:
    """The server."""
    fake = FakeGitlab()
    with serving(fake):
        yield fake


def connect(gitlab: FakeGitlab, token: str = TOKEN, bot: str = "bot") -> GitlabGroupForge:
    """The forge on the server."""
    settings = GitlabForge(kind="gitlab", url=gitlab.url, group="acme/shop", bot=bot)
    return GitlabGroupForge(settings, Credentials(token, "the test"))


@pytest.fixture
def forge(gitlab: FakeGitlab) -> GitlabGroupForge:
    """The forge in a group within a group."""
    return connect(gitlab)


@pytest.fixture
def repo(gitlab: FakeGitlab, forge: GitlabGroupForge) -> str:
    """A repo with two branches, and main protected by what GitLab is set to."""
    forge.create("web", description="The shop")
    gitlab.push("web", "main", MAIN)
    gitlab.push("web", "scaffold/python", WORK)
    gitlab.calls.clear()
    return "web"


def writes(gitlab: FakeGitlab) -> list[str]:
    """The calls that changed something."""
    return [f"{one.method} {one.path}" for one in gitlab.calls if one.method != "GET"]


def open_one(forge: GitlabGroupForge, *, draft: bool = False) -> MergeRequest:
    """A merge request of the branch `scaffold/python`."""
    return forge.open_merge_request(
        "web",
        "scaffold/python",
        title="Upgrade",
        body="To v2",
        draft=draft,
        labels=["scaffold"],
        reviewers=["ada"],
    )


def test_platform_yml_names_it(gitlab: FakeGitlab, monkeypatch: pytest.MonkeyPatch) -> None:
    """`forge: {kind: gitlab, ...}` is a forge in that group, with the token of the environment."""
    monkeypatch.setattr("scaffold.git.access._accesses", {})
    monkeypatch.setenv("GITLAB_TOKEN", TOKEN)
    monkeypatch.delenv("SCAFFOLD_TOKEN", raising=False)

    forge = open_forge(GitlabForge(kind="gitlab", url=gitlab.url, group="acme/shop"))

    assert f"{gitlab.url}/acme/shop/web.git" == forge.url("web")
    assert () == forge.check()


def test_a_new_repo_is_in_the_group(gitlab: FakeGitlab, forge: GitlabGroupForge) -> None:
    """It has the description, the topics and platform.yml's visibility."""
    assert forge.create("web", description="Sells \u00c4pfel", topics=["service", "python"])

    made = gitlab.project("web")
    assert "acme/shop/web" == made.path
    assert {
        "archived": False,
        "name": "web",
        "description": "Sells \u00c4pfel",
        "visibility": "private",
        "topics": ["service", "python"],
    } == made.told


def test_a_repo_may_be_in_a_group_below(gitlab: FakeGitlab, forge: GitlabGroupForge) -> None:
    """A name with a slash is a project of a group within the group."""
    gitlab.groups[12] = "acme/shop/blueprints"

    forge.create("blueprints/python", description="")

    assert ["acme/shop/blueprints/python"] == [one.path for one in gitlab.projects]
    assert FoundRepo("blueprints/python") == forge.find("blueprints/python")


def test_a_repo_that_is_there_is_not_created(forge: GitlabGroupForge, repo: str) -> None:
    """The answer is False, and it stays as it is."""
    assert not forge.create(repo, description="Another")


def test_a_missing_group_is_named(gitlab: FakeGitlab, forge: GitlabGroupForge) -> None:
    """Where the group is not there, or not to be seen, the error says so."""
    del gitlab.groups[11]

    with pytest.raises(ForgeError) as caught:
        forge.create("web", description="")

    assert "can't create the repo `web`: status 404" == caught.value.what
    assert (
        "It is not there, or the token may not see it. It takes a token with the scope api, of a"
        " user who may create projects in `acme/shop`." == caught.value.hint
    )


def test_a_missing_repo_is_not_found(forge: GitlabGroupForge) -> None:
    """`find` answers None, without waiting for it."""
    assert forge.find("web") is None


def test_a_repo_is_found_as_it_is(gitlab: FakeGitlab, forge: GitlabGroupForge, repo: str) -> None:
    """Its default branch is told, and whether it is archived."""
    gitlab.project(repo).told["default_branch"] = "trunk"
    assert FoundRepo("web", default_branch="trunk") == forge.find(repo)

    forge.archive(repo, archived=True)
    assert FoundRepo("web", archived=True, default_branch="trunk") == forge.find(repo)

    forge.archive(repo, archived=False)
    assert FoundRepo("web", default_branch="trunk") == forge.find(repo)


def test_a_renamed_repo_is_found_by_its_old_name(
    gitlab: FakeGitlab, forge: GitlabGroupForge
) -> None:
    """GitLab redirects whoever reads; the name that comes back is the new one."""
    gitlab.add("acme/shop/web2")
    gitlab.add("elsewhere/api")
    gitlab.moved = {"acme/shop/web": "acme/shop/web2", "acme/shop/api": "elsewhere/api"}

    assert FoundRepo("web2") == forge.find("web")
    assert FoundRepo("elsewhere/api") == forge.find("api")


def test_a_renamed_repo_takes_no_writes(gitlab: FakeGitlab, forge: GitlabGroupForge) -> None:
    """GitLab refuses to write to an old path; the error says what happened."""
    gitlab.add("acme/shop/web2")
    gitlab.moved = {"acme/shop/web": "acme/shop/web2"}

    with pytest.raises(ForgeError) as caught:
        forge.archive("web", archived=True)

    assert "can't archive the repo `web`: it has moved" == caught.value.what
    assert "Was the repo renamed? Name the new one in the catalog." == caught.value.hint


def test_all_repos_of_the_group_are_listed(gitlab: FakeGitlab, forge: GitlabGroupForge) -> None:
    """However many pages there are; those of groups below count, those to be deleted do not."""
    for number in range(230):
        gitlab.add(f"acme/shop/web-{number:03}")
    gitlab.add("acme/shop/blueprints/python")
    gitlab.add("acme/other")
    gitlab.add("acme/shop/gone", marked_for_deletion_on="2026-01-01")

    found = forge.repos()

    assert ("blueprints/python", *(f"web-{number:03}" for number in range(230))) == found
    assert 3 == len(gitlab.calls)


def test_a_repo_is_deleted_once(gitlab: FakeGitlab, forge: GitlabGroupForge, repo: str) -> None:
    """Deleting what is gone is no error, and nothing waits for it to appear."""
    forge.delete(repo)
    forge.delete(repo)

    assert [] == gitlab.projects
    assert 2 == len(gitlab.calls)


def test_groups_get_their_roles(gitlab: FakeGitlab, forge: GitlabGroupForge, repo: str) -> None:
    """By shares: Reporter, Developer and Maintainer; the highest counts, again changes nothing."""
    access = {
        Role.READ_ONLY: ["acme/readers", "acme/devs"],
        Role.DEVELOPER: ["acme/devs"],
        Role.ADMIN: ["acme/admins"],
    }

    forge.grant(repo, access)
    assert {20: 20, 21: 30, 22: 40} == gitlab.project(repo).shares
    gitlab.calls.clear()
    forge.grant(repo, access)

    assert [] == writes(gitlab)


def test_a_changed_role_is_shared_anew(
    gitlab: FakeGitlab, forge: GitlabGroupForge, repo: str
) -> None:
    """A share with another role is replaced; one with a group that nobody named stays."""
    gitlab.project(repo).shares = {20: 40, 30: 30}

    forge.grant(repo, {Role.READ_ONLY: ["acme/readers"]})

    assert {30: 30, 20: 20} == gitlab.project(repo).shares


def test_an_unknown_group_is_named(forge: GitlabGroupForge, repo: str) -> None:
    """Groups are never made; the error says how to name one."""
    with pytest.raises(ForgeError) as caught:
        forge.grant(repo, {Role.DEVELOPER: ["devs"]})

    assert "there is no group `devs`, or the token may not see it" == caught.value.what
    assert (
        "Groups in platform.yml have their full path, as in `acme/shop-devs`." == caught.value.hint
    )


@pytest.mark.parametrize("group", ["acme", "acme/shop", "Acme"])
def test_a_group_above_the_repo_is_refused(forge: GitlabGroupForge, repo: str, group: str) -> None:
    """GitLab can't share a project with a group that it is in."""
    with pytest.raises(
        ForgeError, match="can't be given a role for `web`, since the repo is in it"
    ):
        forge.grant(repo, {Role.ADMIN: [group]})


def test_main_is_protected(gitlab: FakeGitlab, forge: GitlabGroupForge) -> None:
    """Maintainers push, developers merge; a bot that is a maintainer needs no more."""
    gitlab.default_protection = None
    forge.create("web", description="")
    gitlab.push("web", "main", MAIN)

    forge.protect("web")

    assert {
        "name": "main",
        "push_access_levels": [{"access_level": 40}],
        "merge_access_levels": [{"access_level": 30}],
        "allow_force_push": False,
    } == gitlab.project("web").rules["main"]


def test_a_rule_that_is_strict_enough_stays(
    gitlab: FakeGitlab, forge: GitlabGroupForge, repo: str
) -> None:
    """What GitLab made at the first push, by what the group is set to, is left alone."""
    forge.protect(repo)

    assert [] == writes(gitlab)


def test_developers_lose_the_right_to_push(
    gitlab: FakeGitlab, forge: GitlabGroupForge, repo: str
) -> None:
    """A rule that lets developers push is replaced; who may merge stays."""
    rule = gitlab.project(repo).rules["main"]
    rule["push_access_levels"] = [{"access_level": 30}]
    rule["merge_access_levels"] = [{"access_level": 40}]

    forge.protect(repo)

    rule = gitlab.project(repo).rules["main"]
    assert [{"access_level": 40}] == rule["push_access_levels"]
    assert [{"access_level": 40}] == rule["merge_access_levels"]


@pytest.mark.parametrize("protected", [True, False])
def test_the_bot_gets_through_with_a_licence(
    gitlab: FakeGitlab, forge: GitlabGroupForge, repo: str, protected: bool
) -> None:
    """On Premium a bot with a lower role is let push by name, to a rule old or new."""
    gitlab.premium = True
    gitlab.levels[2] = 30
    if not protected:
        gitlab.project(repo).rules.clear()

    forge.protect(repo)
    gitlab.calls.clear()
    forge.protect(repo)

    pushes = gitlab.project(repo).rules["main"]["push_access_levels"]
    assert [{"access_level": 40}, {"access_level": 40, "user_id": 2}] == pushes
    assert [] == writes(gitlab)


def test_without_a_licence_the_bot_must_be_a_maintainer(
    gitlab: FakeGitlab, forge: GitlabGroupForge, repo: str
) -> None:
    """GitLab Free leaves users out without a word, so what came of it is looked at."""
    gitlab.levels[2] = 30

    with pytest.raises(ForgeError) as caught:
        forge.protect(repo)

    assert "the bot `bot` can't be let push to main of `web`" == caught.value.what
    assert (
        "Without a Premium licence GitLab lets roles push, not users: give the bot the role"
        " Maintainer in `acme/shop`." == caught.value.hint
    )


def test_a_bot_that_nobody_knows_is_named(gitlab: FakeGitlab, repo: str) -> None:
    """The error says which setting names it."""
    with pytest.raises(ForgeError, match="there is no user `robot`"):
        connect(gitlab, bot="robot").protect(repo)


def test_main_becomes_the_default_branch(
    gitlab: FakeGitlab, forge: GitlabGroupForge, repo: str
) -> None:
    """Where another branch was pushed first."""
    gitlab.project(repo).told["default_branch"] = "scaffold/python"

    forge.protect(repo)

    assert "main" == gitlab.project(repo).told["default_branch"]


def test_one_webhook_tells_all_events(
    gitlab: FakeGitlab, forge: GitlabGroupForge, repo: str
) -> None:
    """Again, with another secret, there is still one, with the new secret."""
    forge.webhook(repo, HOOK, SECRET)
    forge.webhook(repo, HOOK, "another")

    assert [
        {
            "id": 1,
            "url": HOOK,
            "token": "another",
            "push_events": True,
            "merge_requests_events": True,
            "pipeline_events": True,
            "job_events": True,
        }
    ] == gitlab.project(repo).hooks


def test_a_webhook_too_many_is_removed(
    gitlab: FakeGitlab, forge: GitlabGroupForge, repo: str
) -> None:
    """GitLab takes several with one address, as two runs at once may leave; others stay."""
    hooks = gitlab.project(repo).hooks
    hooks += [{"id": number, "url": HOOK} for number in (1, 2)]
    hooks.append({"id": 3, "url": "https://other.example.com"})

    forge.webhook(repo, HOOK, SECRET)

    assert [1, 3] == [one["id"] for one in hooks]


def test_an_address_that_gitlab_may_not_call_is_told(forge: GitlabGroupForge, repo: str) -> None:
    """An instance refuses local addresses until its administrators allow them."""
    with pytest.raises(ForgeError) as caught:
        forge.webhook(repo, "http://192.168.0.1/hook", SECRET)

    assert "can't set the webhook of `web`: status 422" == caught.value.what
    assert ("Invalid url given",) == caught.value.details
    assert caught.value.hint.endswith("and an address that the instance may call.")


def test_a_merge_request_is_opened(forge: GitlabGroupForge, repo: str) -> None:
    """It says where it comes from, and a draft is one."""
    opened = open_one(forge, draft=True)

    assert (
        MergeRequest(
            number=1,
            title="Upgrade",
            body="To v2",
            branch="scaffold/python",
            state=RequestState.OPEN,
            url="https://gitlab.example.com/acme/shop/web/-/merge_requests/1",
            draft=True,
        )
        == opened
    )
    assert (opened,) == forge.merge_requests(repo)


def test_it_has_labels_and_reviewers(
    gitlab: FakeGitlab, forge: GitlabGroupForge, repo: str
) -> None:
    """From the start, in one call; groups and unknown names are left out as reviewers."""
    forge.open_merge_request(
        repo,
        "scaffold/python",
        title="Upgrade",
        body="",
        labels=["scaffold", "upgrade"],
        reviewers=["acme/devs", "nobody", "ada"],
    )

    told = gitlab.project(repo).requests[0]
    assert ["scaffold", "upgrade"] == told["labels"]
    assert [{"id": 3, "username": "ada"}] == told["reviewers"]
    assert ["POST /projects/acme%2Fshop%2Fweb/merge_requests"] == writes(gitlab)


def test_an_open_one_is_brought_up_to_date(
    gitlab: FakeGitlab, forge: GitlabGroupForge, repo: str
) -> None:
    """The text is replaced, labels and reviewers are added, the draft ends."""
    gitlab.premium = True
    open_one(forge, draft=True)

    again = forge.open_merge_request(
        repo,
        "scaffold/python",
        title="Upgrade",
        body="To v3",
        labels=["urgent"],
        reviewers=["Ada", "bob"],
    )

    assert ("To v3", False, 1) == (again.body, again.draft, again.number)
    told = gitlab.project(repo).requests[0]
    assert ["scaffold", "urgent"] == told["labels"]
    assert ["ada", "bob"] == [one["username"] for one in told["reviewers"]]


def test_opening_the_same_again_changes_nothing(
    gitlab: FakeGitlab, forge: GitlabGroupForge, repo: str
) -> None:
    """A second run writes nothing."""
    first = open_one(forge)
    assert (first,) == forge.merge_requests(repo)
    gitlab.calls.clear()

    assert first == open_one(forge)
    assert [] == writes(gitlab)


def test_a_request_of_a_fork_is_another_one(
    gitlab: FakeGitlab, forge: GitlabGroupForge, repo: str
) -> None:
    """A branch of the same name in a fork is not ours to change."""
    open_one(forge)
    gitlab.project(repo).requests[0]["source_project_id"] = 999

    assert () == forge.merge_requests(repo)


def test_a_branch_that_was_not_pushed_is_told(forge: GitlabGroupForge, repo: str) -> None:
    """What GitLab says of it is passed on."""
    with pytest.raises(ForgeError) as caught:
        forge.open_merge_request(repo, "nowhere", title="Upgrade", body="")

    assert "can't open a merge request of `web`: status 400" == caught.value.what
    assert ("['Source branch \"nowhere\" does not exist']",) == caught.value.details


def test_a_closed_one_is_followed_by_a_new_one(forge: GitlabGroupForge, repo: str) -> None:
    """Only an open one is reused."""
    forge.close_merge_request(repo, open_one(forge).number)
    open_one(forge)

    assert [RequestState.CLOSED, RequestState.OPEN] == [
        one.state for one in forge.merge_requests(repo)
    ]


def test_only_an_open_one_is_closed(forge: GitlabGroupForge, repo: str) -> None:
    """Else the error says what it is."""
    forge.close_merge_request(repo, open_one(forge).number)

    with pytest.raises(ForgeError, match="merge request 1 is closed already"):
        forge.close_merge_request(repo, 1)
    with pytest.raises(ForgeError, match="there is no merge request 7"):
        forge.close_merge_request(repo, 7)


def test_a_merge_waits_until_gitlab_has_checked(
    gitlab: FakeGitlab, forge: GitlabGroupForge, repo: str, naps: list[float]
) -> None:
    """Of one just opened GitLab does not know yet whether it merges."""
    open_one(forge)
    gitlab.checking = 3
    gitlab.project(repo).requests[0]["detailed_merge_status"] = "mergeable"

    forge.merge(repo, 1)

    assert RequestState.MERGED is forge.merge_requests(repo)[0].state
    assert [1, 1, 1] == naps


def test_a_draft_is_not_merged(forge: GitlabGroupForge, repo: str) -> None:
    """The error says what to do first."""
    open_one(forge, draft=True)

    with pytest.raises(ForgeError, match="merge request 1 is a draft"):
        forge.merge(repo, 1)


def test_a_conflict_is_not_merged(gitlab: FakeGitlab, forge: GitlabGroupForge, repo: str) -> None:
    """What GitLab says is passed on."""
    open_one(forge)
    gitlab.project(repo).requests[0]["detailed_merge_status"] = "conflict"

    with pytest.raises(ForgeError) as caught:
        forge.merge(repo, 1)

    assert "merge request 1 can't be merged" == caught.value.what
    assert ("405 Method Not Allowed",) == caught.value.details


def test_who_may_not_merge_is_told_so(
    gitlab: FakeGitlab, forge: GitlabGroupForge, repo: str
) -> None:
    """GitLab answers 401, which is not about the token."""
    open_one(forge)
    gitlab.levels[1] = 20

    with pytest.raises(ForgeError) as caught:
        forge.merge(repo, 1)

    said = (
        "401 Unauthorized: it takes a token with the scope api, of a user with the role Developer"
    )
    assert (f"{said} who is allowed to merge into that branch",) == caught.value.details


def test_it_merges_itself_once_its_pipeline_is_green(
    gitlab: FakeGitlab, forge: GitlabGroupForge, repo: str
) -> None:
    """With a pipeline it is set once; without one nothing happens, and it is never merged now."""

    def upgrade() -> None:
        forge.open_merge_request(repo, "scaffold/python", title="Upgrade", body="", auto_merge=True)

    upgrade()
    told = gitlab.project(repo).requests[0]
    assert ("opened", False) == (told["state"], told["merge_when_pipeline_succeeds"])

    gitlab.pipelines = True
    upgrade()
    assert ("opened", True) == (told["state"], told["merge_when_pipeline_succeeds"])

    gitlab.calls.clear()
    upgrade()
    assert [] == writes(gitlab)


def test_jobs_are_statuses(gitlab: FakeGitlab, forge: GitlabGroupForge, repo: str) -> None:
    """The newest of a name counts, `build-image` is `image`; a skipped job says nothing."""
    gitlab.project(repo).statuses = [
        {"id": number, "sha": MAIN, "name": name, "status": status}
        for number, name, status in (
            (1, "build-image", "failed"),
            (2, "build-image", "success"),
            (3, "validate", "running"),
            (4, "smoke/dev", "failed"),
            (5, "deploy/dev", "manual"),
            (6, "deploy/prod", "canceled"),
            (7, "lint", "success"),
            (8, "lint", "skipped"),
            (9, "docs", "skipped"),
        )
    ]

    assert {
        "image": StatusState.SUCCESS,
        "validate": StatusState.PENDING,
        "smoke/dev": StatusState.FAILURE,
        "deploy/dev": StatusState.PENDING,
        "deploy/prod": StatusState.FAILURE,
        "lint": StatusState.SUCCESS,
    } == forge.statuses(repo, MAIN)


def test_all_pages_of_statuses_are_read(
    gitlab: FakeGitlab, forge: GitlabGroupForge, repo: str
) -> None:
    """A commit may have more than a page of them."""
    gitlab.project(repo).statuses = [
        {"id": number, "sha": MAIN, "name": f"job-{number}", "status": "success"}
        for number in range(150)
    ]

    assert 150 == len(forge.statuses(repo, MAIN))


def test_a_commit_without_statuses_has_none(forge: GitlabGroupForge, repo: str) -> None:
    """Nor has one that the repo does not know."""
    assert {} == forge.statuses(repo, MAIN)
    assert {} == forge.statuses(repo, OTHER)


def test_a_status_is_set_once(gitlab: FakeGitlab, forge: GitlabGroupForge, repo: str) -> None:
    """GitLab refuses a state that is there already, so that is not asked for."""
    forge.set_status(repo, MAIN, "validate", StatusState.PENDING)
    forge.set_status(repo, MAIN, "validate", StatusState.PENDING)
    forge.set_status(repo, MAIN, "validate", StatusState.SUCCESS)

    assert {"validate": StatusState.SUCCESS} == forge.statuses(repo, MAIN)
    assert 2 == len(writes(gitlab))


def test_a_status_may_change_its_mind(forge: GitlabGroupForge, repo: str) -> None:
    """A check that is run again may end otherwise."""
    forge.set_status(repo, MAIN, "validate", StatusState.FAILURE)
    forge.set_status(repo, MAIN, "validate", StatusState.PENDING)
    forge.set_status(repo, MAIN, "validate", StatusState.SUCCESS)

    assert {"validate": StatusState.SUCCESS} == forge.statuses(repo, MAIN)


def test_a_token_with_all_rights_lacks_nothing(forge: GitlabGroupForge) -> None:
    """An owner's, with the scope api; and an OAuth token, which does not tell its scopes."""
    assert () == forge.check()


def test_a_token_that_tells_no_scopes_is_taken(gitlab: FakeGitlab, forge: GitlabGroupForge) -> None:
    """An OAuth token is no access token, so GitLab knows none of it."""
    gitlab.scopes = None

    assert () == forge.check()


def test_what_a_token_lacks_is_told(gitlab: FakeGitlab, forge: GitlabGroupForge) -> None:
    """Its scopes, its user's role, the group's settings, the bot."""
    gitlab.scopes = ["read_api", "write_repository"]
    gitlab.levels = {1: 30}
    gitlab.group_settings = {"share_with_group_lock": True}
    del gitlab.users["bot"]

    assert (
        "write: the token needs the scope api",
        "create, share and protect repos in `acme/shop`: `platform` needs the role Maintainer",
        "archive and delete repos in `acme/shop`: `platform` needs the role Owner",
        "give groups roles: `acme/shop` is set not to share its projects with groups",
        "let the bot push: there is no user `bot`",
    ) == forge.check()


def test_a_group_may_let_only_owners_create(gitlab: FakeGitlab, forge: GitlabGroupForge) -> None:
    """Then a maintainer lacks that."""
    gitlab.levels[1] = 40
    gitlab.group_settings = {"project_creation_level": "owner"}

    assert "create repos in `acme/shop`: the group lets only owners do that" in forge.check()


def test_a_group_that_is_not_seen_is_told(gitlab: FakeGitlab, forge: GitlabGroupForge) -> None:
    """Nothing more is known then."""
    del gitlab.groups[11]

    assert ("see the group `acme/shop`: make it, or make `platform` a member",) == forge.check()


def test_a_wrong_token_is_told(gitlab: FakeGitlab) -> None:
    """The error is about the token and does not show it."""
    with pytest.raises(ForgeError) as caught:
        connect(gitlab, "wrong-token").check()

    assert "can't ask who the token's user is: status 401" == caught.value.what
    assert (
        "The token is not valid (any more), or is another instance's. Set a new one."
        == caught.value.hint
    )
    assert "wrong-token" not in repr(vars(caught.value))


def test_a_new_repo_may_be_missing_for_a_while(
    gitlab: FakeGitlab, forge: GitlabGroupForge, naps: list[float]
) -> None:
    """What follows its creation waits until it is there."""
    gitlab.lag = 3

    forge.create("web", description="")
    forge.archive("web", archived=True)

    assert gitlab.project("web").told["archived"]
    assert [1.0, 2.0, 4.0] == naps


def test_a_new_repo_that_stays_missing_is_given_up(
    gitlab: FakeGitlab, forge: GitlabGroupForge, naps: list[float]
) -> None:
    """After half a minute a 404 is an answer."""
    gitlab.lag = 99
    forge.create("web", description="")

    with pytest.raises(ForgeError, match="can't archive the repo `web`: status 404"):
        forge.archive("web", archived=True)

    assert [1.0, 2.0, 4.0, 8.0] == naps


def test_an_old_repo_that_is_missing_is_not_waited_for(
    forge: GitlabGroupForge, naps: list[float]
) -> None:
    """A 404 is an answer where nothing was just created."""
    with pytest.raises(ForgeError, match="status 404"):
        forge.archive("web", archived=True)

    assert [] == naps


def test_the_token_is_in_no_log(
    forge: GitlabGroupForge, repo: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Whatever is logged, at any level."""
    with caplog.at_level(logging.DEBUG):
        open_one(forge)
        forge.find(f"{repo}-2")

    assert caplog.records
    assert TOKEN not in caplog.text
    assert TOKEN not in repr(vars(forge))
