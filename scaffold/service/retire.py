"""Retire a service: empty its environments by a merge request, then remove it from the catalog.

Each environment gets a `retire.yml`, under which the deploy step deletes by inventory exactly what
the service owned. The state is in git alone, so the command is run again for the next step, and
every step can be undone from git.
"""

from collections.abc import Mapping, Sequence

import pygit2

from scaffold.chain.edges import Edge
from scaffold.chain.history import last_change
from scaffold.chain.release import empty_release
from scaffold.chain.rendering import replace_release
from scaffold.chain.repos import ChainRepo, ServiceChain
from scaffold.config.branches import DATA, RETIREMENT, RETIREMENT_UNDONE, SERVICE_RETIREMENT
from scaffold.config.places import kustomization_path, release_folder, retire_marker
from scaffold.config.platform import PLATFORM_REPO
from scaffold.config.propagation import Require
from scaffold.config.service import Service, ServiceState, catalog_path
from scaffold.errors import UsageError
from scaffold.fleet.catalog import read_entry
from scaffold.fleet.change import write_entry
from scaffold.fleet.generated import with_service
from scaffold.fleet.platform import PlatformRepo
from scaffold.fleet.proposals import change_platform, would_propose
from scaffold.forge.api import MergeRequest, Proposal, RequestState, StatusState
from scaffold.git import branches, clones
from scaffold.git.tree import Entry, Identity, Tree, change_tree, make_commit
from scaffold.service.retirement import Order, Retirement, Stage

_RETIRED = b"""\
# Written by scaffold: the environment is retired, so nothing is built here but its empty release.
# `scaffold retire --undo` puts back what was here.
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
resources:
  - release
"""


def retire(
    platform: PlatformRepo, chain: ServiceChain, order: Order, author: Identity
) -> Retirement:
    """Take the next step; repos that are gone from the forge are skipped.

    Raises UsageError for a service without environments, ForgeError.
    """
    service = chain.service
    if service.state is ServiceState.RETIRED:
        note = _archive(platform, service, archived=True)
        return Retirement(service.name, Stage.RETIRED, "it was retired before", note=note)
    if not chain.environments:
        raise UsageError(f"`{service.name}` has no environments to retire it from")
    request = _tell_engines(platform, service, order)
    if request is not None:
        detail = "merge it to tell the engines what becomes of data"
        return Retirement(service.name, Stage.PENDING, detail, request)
    step, unseen = _empty(platform, chain, order, author)
    if step is not None:
        return step
    request = _take_out(platform, service, order, retired=True)
    if request is not None:
        detail = "merge it to take it out"
        return Retirement(service.name, Stage.PENDING, detail, request, unseen)
    gone = _archive(platform, service, archived=True)
    note = " ".join(filter(None, [unseen, gone]))
    return Retirement(service.name, Stage.RETIRED, note=note)


def _tell_engines(platform: PlatformRepo, service: Service, order: Order) -> MergeRequest | None:
    """Tell the engines whether what holds data goes, before anything does; they keep it else."""
    if not platform.model.by_engine or service.delete_data == order.delete_data:
        return None
    path = catalog_path(service.name)

    def change(tree: Mapping[str, Entry]) -> Tree:
        there = read_entry(tree[path], service.name)
        entry = write_entry(there.model_copy(update={"delete_data": order.delete_data}))
        return with_service({**tree, path: entry}, service.name)

    verb = "Let go" if order.delete_data else "Keep"
    title = f"{verb} the data of {service.name}"
    proposal = Proposal(title, "The engines are told before anything is emptied.")
    return change_platform(platform, change, f"{DATA}{service.name}", proposal)


def _empty(
    platform: PlatformRepo, chain: ServiceChain, order: Order, author: Identity
) -> tuple[Retirement | None, str]:
    """The step that empties the environments, or None once they are empty; with a note."""
    service, part = chain.service, chain.environments[0].down
    if part in service.repos and platform.forge.find(service.repos[part].name) is None:
        return None, (
            f"{service.repos[part].name} is gone from the forge, so nothing empties the"
            " environments: what still runs there, somebody has to delete by hand."
        )
    repo = chain.repo(part)
    left = [edge for edge in chain.environments if repo.text(retire_marker(edge.place)) is None]
    if left:
        proposed = _propose(platform, repo, _ordered(left, order), order, author)
        detail = "merge it to empty them"
        return Retirement(service.name, Stage.PROPOSED, detail, proposed), ""
    waits, unseen = _still_there(platform, chain, repo)
    if waits:
        return Retirement(service.name, Stage.DEPLOYING, waits), ""
    return None, unseen


def undo_retire(platform: PlatformRepo, chain: ServiceChain, author: Identity) -> Retirement:
    """Bring a service back, at any stage of its retirement; one that is not retired is unchanged.

    Raises UsageError, and ForgeError before any change where the env repo is gone.
    """
    service = chain.service
    if not chain.environments:
        raise UsageError(f"`{service.name}` has no environments to bring back")
    repo = chain.repo(chain.environments[0].down)
    note = _archive(platform, service, archived=False)
    if service.state is ServiceState.RETIRED:
        request = _take_out(platform, service, Order(), retired=False)
        if request is not None:
            detail = "merge it to bring it back"
            return Retirement(service.name, Stage.PENDING, detail, request, note)
    elif request := _tell_engines(platform, service, Order()):
        detail = "merge it to keep what holds data"
        return Retirement(service.name, Stage.PENDING, detail, request, note)
    withdrawn = [
        *_withdraw(platform, repo.name, RETIREMENT),
        *_withdraw(platform, PLATFORM_REPO, _catalog_branch(service)),
    ]
    gone = [edge for edge in chain.environments if repo.text(retire_marker(edge.place)) is not None]
    if not gone:
        if withdrawn or service.state is ServiceState.RETIRED:
            return Retirement(service.name, Stage.UNDONE, note=note)
        return Retirement(service.name, Stage.ACTIVE, "there is nothing to undo", note=note)
    files: dict[str, Entry | None] = {}
    for edge in gone:
        before = _before(repo, edge)
        files[retire_marker(edge.place)] = None
        files |= replace_release(repo, edge.place, repo.head, _release_at(repo, edge, before))
        files |= _built_again(repo, edge.place, before)
    head = _commit(repo, repo.head, files, f"Bring {service.name} back", author)
    request = _open(platform, repo, RETIREMENT_UNDONE, head, f"Bring {service.name} back", "")
    return Retirement(service.name, Stage.UNDONE, "merge it to deploy it again", request, note)


def _withdraw(platform: PlatformRepo, repo: str, branch: str) -> list[int]:
    """Close the open merge request of a branch, which would take the next step; return which."""
    proposed = [
        merge_request.number
        for merge_request in platform.forge.merge_requests(repo, branch)
        if merge_request.state is RequestState.OPEN
    ]
    for number in () if platform.dry_run else proposed:
        platform.forge.close_merge_request(repo, number)
    return proposed


def _ordered(edges: Sequence[Edge], order: Order) -> list[Edge]:
    return list(reversed(edges)) if order.prod_first else list(edges)


def _propose(
    platform: PlatformRepo, repo: ChainRepo, edges: Sequence[Edge], order: Order, author: Identity
) -> MergeRequest:
    """One commit for each environment, in order, on one branch."""
    head = repo.head
    for edge in edges:
        files = {
            retire_marker(edge.place): Entry.file(order.marker),
            **_built_from_release_alone(repo, edge.place, head),
            **replace_release(repo, edge.place, head, empty_release()),
        }
        head = _commit(repo, head, files, f"Retire {edge.place}", author)
    places = "\n".join(f"- {edge.place}" for edge in edges)
    data = "is deleted, too" if order.delete_data else "stays, and so does its namespace"
    body = f"All that the service owns there is deleted:\n\n{places}\n\nWhat holds data {data}.\n"
    return _open(platform, repo, RETIREMENT, head, "Retire the service", body)


def _commit(
    repo: ChainRepo, parent: str, files: Mapping[str, Entry | None], subject: str, author: Identity
) -> str:
    tree = change_tree(repo.store, parent, files)
    return make_commit(repo.store, tree, f"{subject}\n", author, [parent])


def _open(
    platform: PlatformRepo, repo: ChainRepo, branch: str, head: str, title: str, body: str
) -> MergeRequest:
    if platform.dry_run:
        return would_propose(platform.forge, repo.name, branch, Proposal(title, body))
    there = branches.remote_head(repo.url, branch)
    if there is None or not _same(repo, there, head):
        branches.push(repo.folder, repo.url, head, branch, expect=there)
    return platform.forge.open_merge_request(repo.name, branch, Proposal(title, body))


def _same(repo: ChainRepo, there: str, head: str) -> bool:
    """Whether a branch has the same files on top of the same main already."""
    clones.fetch_missing(repo.folder, repo.url, there)
    proposed, wanted = (repo.store[commit].peel(pygit2.Commit) for commit in (there, head))
    return proposed.tree_id == wanted.tree_id and repo.is_ancestor(repo.head, there)


def _still_there(platform: PlatformRepo, chain: ServiceChain, repo: ChainRepo) -> tuple[str, str]:
    """Why objects may be left on a cluster; else what is unknown about them.

    A missing status is accepted only where policy asks for none.
    """
    unseen = []
    for edge in chain.environments:
        commit = str(last_change(repo, retire_marker(edge.place)).id)
        name = edge.deployed
        state = platform.forge.statuses(repo.name, commit).get(name)
        if state is None and platform.model.propagation.require is Require.NONE:
            unseen.append(f"`{name}`")
        elif state is not StatusState.SUCCESS:
            state_words = state or "not there"
            return f"the status `{name}` of {repo.name} {commit[:12]} is {state_words}", ""
    if not unseen:
        return "", ""
    return "", (
        f"scaffold can't see the clusters from here, and {repo.name} has no status"
        f" {', '.join(unseen)}: whether its objects are gone is told by its deploy jobs, or by"
        " `scaffold pipeline deploy` in a checkout of it."
    )


def _take_out(
    platform: PlatformRepo, service: Service, order: Order, *, retired: bool
) -> MergeRequest | None:
    """Change the catalog, by which the access of each environment is marked as retired, or not."""
    path = catalog_path(service.name)

    def change(tree: Mapping[str, Entry]) -> Tree:
        there = read_entry(tree[path], service.name)
        state = ServiceState.RETIRED if retired else ServiceState.ACTIVE
        update = {"state": state, "delete_data": retired and order.delete_data}
        entry = write_entry(there.model_copy(update=update))
        return with_service({**tree, path: entry}, service.name)

    verb = "Retire" if retired else "Bring back"
    body = "Its access goes with it." if retired else "Its access comes with it."
    proposal = Proposal(f"{verb} the service {service.name}", body)
    return change_platform(platform, change, _catalog_branch(service), proposal)


def _catalog_branch(service: Service) -> str:
    return f"{SERVICE_RETIREMENT}{service.name}"


def _archive(platform: PlatformRepo, service: Service, *, archived: bool) -> str:
    """Archive or unarchive all repos; return those that are gone from the forge."""
    gone = []
    for repo in service.repos.values():
        if platform.forge.find(repo.name) is None:
            gone.append(repo.name)
        elif not platform.dry_run:
            platform.forge.archive(repo.name, archived=archived)
    if not gone:
        return ""
    what = "archived" if archived else "taken up again"
    return f"Not {what}, since gone from the forge or not to be seen by you: {', '.join(gone)}."


def _built_from_release_alone(repo: ChainRepo, environment: str, parent: str) -> Tree:
    """The change by which an environment builds to nothing once its release is empty.

    An engine does not know the marker: it would keep what the environment has beside its release,
    such as its settings, and lose the right to delete that when the access of the service goes.
    """
    path = kustomization_path(environment)
    return {} if repo.text(path, parent) is None else {path: Entry.file(_RETIRED)}


def _built_again(repo: ChainRepo, environment: str, before: str | None) -> Tree:
    """The change that takes this back; what somebody wrote there since stays."""
    path = kustomization_path(environment)
    data = None if before is None else repo.data(path, before)
    return {path: Entry.file(data)} if data and repo.data(path) == _RETIRED else {}


def _release_at(repo: ChainRepo, edge: Edge, commit: str | None) -> Mapping[str, bytes]:
    files = {} if commit is None else repo.files_below(release_folder(edge.place), commit)
    return files or empty_release()


def _before(repo: ChainRepo, edge: Edge) -> str | None:
    """The last commit before the retire marker."""
    for commit in repo.first_parents():
        if repo.text(retire_marker(edge.place), str(commit.id)) is None:
            return str(commit.id)
    return None
