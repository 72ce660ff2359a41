"""What a kind of forge registers. Pure."""

import hashlib
import hmac
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from urllib.parse import quote

from scaffold.config.documents import Document


class Ci(StrEnum):
    """The CI systems that the platform repo's own pipeline can be written for."""

    GITLAB = "gitlab"
    GITHUB = "github"


@dataclass(frozen=True)
class Login:
    """Where the token for a server is, if SCAFFOLD_TOKEN is not set.

    `variables` of the environment come first, then what the forge's own program has, which
    `command` logs in: its YAML `file` below ~/.config, or of that name in the folder that
    `folder_variable` names. `tokens` yields the host, with its port if it has one, and the token of
    each log-in in it; a token that is no text is passed over. git's credential helper is last.
    """

    variables: tuple[str, ...] = ()
    command: str = ""
    file: str = ""
    folder_variable: str = ""
    tokens: Callable[[Mapping[str, Any]], Iterable[tuple[str, Any]]] = lambda _config: ()


@dataclass(frozen=True)
class Webhook:
    """How a server signs its webhooks, and where they name the repo.

    A genuine one has `signature(body, secret)` in its `header`, whose name is in lower case. The
    addresses of the repo are the `urls` of the event's member `repo`.
    """

    header: str
    signature: Callable[[bytes, str], str]
    repo: str
    urls: tuple[str, ...]


@dataclass(frozen=True)
class StatusApi:
    """How an engine sets the status of a commit.

    `flux` is the type of its Provider. Others post to `path` below the server's URL (or to `hosted`
    for the server at that URL), with the token in the `header`, below the `statuses` of the `repo`.
    `quoted` is whether the slashes in a repo's path are. `failed` is the state that is not success.
    """

    flux: str
    path: str
    header: tuple[str, str]
    statuses: str
    failed: str = "failure"
    quoted: bool = False
    hosted: tuple[str, str] = ("", "")

    def url(self, server: str) -> str:
        """Where the API of a server is."""
        at, api = self.hosted
        return api if server == at else f"{server}{self.path}"

    def statuses_of(self, repo: str) -> str:
        """Where it takes statuses of a repo's commits."""
        return self.statuses.format(repo=quote(repo, safe="") if self.quoted else repo)


@dataclass(frozen=True)
class Job:
    """The variables by which a job of the server's own CI knows where it runs.

    All `marks` are set in each job, and in none of a server without them. `url` names the server,
    `repo` the path of the repo, with its groups; `ca_file` a CA's certificates, where it has one of
    its own. `id_tokens` is whether it makes tokens by which a job logs in elsewhere.
    """

    marks: frozenset[str]
    url: str
    repo: str
    ca_file: str = ""
    id_tokens: bool = False


@dataclass(frozen=True)
class ForgeKind:
    """One kind of forge: all that differs between them, but the calls of its API.

    `name` is what `kind:` in platform.yml says, and `settings` reads what stands beside it.
    `adapter` is the class with the calls, as `module:name`, which is loaded when a forge is opened.
    A forge without a server has no `login` and no `webhook`.
    """

    name: str
    settings: type[Document]
    adapter: str
    login: Login = Login()
    webhook: Webhook | None = None
    ci: Ci | None = None
    """The CI system of a platform on it; None where each platform says."""
    commit_page: str = ""
    """The path of the page of `{commit}` below a repo's own; empty where there are no pages."""
    main_page: str = ""
    """The path of the page of what main has below a repo's own; empty where there are no pages."""
    statuses: StatusApi | None = None
    """How engines tell of a deploy; None where they can't, and so can't deploy."""
    job: Job | None = None
    """How a job of the server's CI knows it; None where it has no CI."""
    folder: str = ""
    """The folder in a repo that the forge alone reads, for CODEOWNERS or CI; empty for none."""
    blueprints: str = "blueprint-"
    """What the name of a blueprint's repo begins with, before the blueprint's own name."""


def mapping(value: Any) -> Mapping[str, Any]:
    """A mapping out of a file that others write: empty where it is something else."""
    return value if isinstance(value, dict) else {}


def hmac_sha256(body: bytes, secret: str) -> str:
    """The signature that several servers give their webhooks, in hexadecimal."""
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
