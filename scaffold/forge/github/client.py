"""GitHub's API: REST for most, GraphQL for what REST has not, and refusals in GitHub's own way."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, ClassVar, Self
from urllib.parse import quote, urlsplit

from scaffold.config.forges.github import GithubForge
from scaffold.errors import ForgeError
from scaffold.forge.credentials import Credentials
from scaffold.forge.http import hidden
from scaffold.forge.rest import FORBIDDEN, Answer, Call, RestApi

_HEADERS = {"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28"}
_REFUSED = 400


class GithubApi(RestApi):
    """The API of an instance."""

    server: ClassVar[str] = "GitHub"

    @classmethod
    def open(cls, settings: GithubForge, credentials: Credentials) -> Self:
        """The API of an instance. Asks nothing yet."""
        api = cls.reach(settings, credentials, _base(settings.url), "Bearer")
        api.session.headers.update(_HEADERS)
        return api

    def path(self, repo: str) -> str:
        """See RestApi."""
        return f"/repos/{self.group}/{quote(repo)}"

    def graphql(self, query: str, variables: Mapping[str, Any], call: Call) -> Answer:
        """What GraphQL answers; where it lists errors that counts as a refusal. Raises ForgeError.

        https://docs.github.com/en/graphql/guides/forming-calls-with-graphql
        """
        where = f"{self.base.removesuffix('/v3')}/graphql"
        answer = self.send("POST", where, call, json={"query": query, "variables": variables})
        return replace(answer, status=_REFUSED) if answer.data.get("errors") else answer

    def mutate(self, name: str, values: Mapping[str, Any], call: Call) -> Answer:
        """Have GraphQL change something: by a mutation of this name, which takes `asked`."""
        kind = f"{name[0].upper()}{name[1:]}Input"
        query = f"mutation ($input: {kind}!) {{ {name}(input: $input) {{ clientMutationId }} }}"
        return self.graphql(query, {"input": values}, call)

    def words(self, data: Any) -> str:
        """See RestApi. All that GitHub said, with the errors that it lists."""
        if not isinstance(data, dict):
            return ""
        errors = data.get("errors") or []
        lines = [str(data.get("message") or "")]
        for error in errors if isinstance(errors, list) else [errors]:
            words = error.get("message") or error.get("code") if isinstance(error, dict) else error
            lines.append(str(words))
        return "; ".join(line for line in lines if line)

    def refused(self, answer: Answer, call: Call, where: str = "") -> ForgeError:
        """See RestApi. Limits and single sign-on are a 403, too, which is not about rights."""
        headers, where = answer.headers, where or self.base
        if answer.status == FORBIDDEN and "rate limit" in answer.words.lower():
            return ForgeError(
                f"can't {call.doing}: the rate limit is used up",
                where=where,
                hint=f"Run this again {_when(headers.get('x-ratelimit-reset', ''))}.",
                details=[hidden(answer.words, self.token)],
            )
        if sso := headers.get("x-github-sso", "").partition("url=")[2]:
            return ForgeError(
                f"can't {call.doing}: the organisation asks for single sign-on",
                where=where,
                hint=f"Authorize the token for it: {hidden(sso, self.token)}",
            )
        # Of a fine-grained token GitHub says which permissions would do.
        if permissions := headers.get("x-accepted-github-permissions", ""):
            needs = f"{call.needs}; of a fine-grained token, the permissions {permissions}"
            call = replace(call, needs=needs)
        return super().refused(answer, call, where)


def _when(reset: str) -> str:
    """When a limit is over, by the seconds that GitHub tells."""
    try:
        return f"after {datetime.fromtimestamp(int(reset), UTC):%Y-%m-%d %H:%M} UTC"
    except (ValueError, OverflowError, OSError):
        return "later"


def _base(url: str) -> str:
    """Where the API of an instance is: of github.com and of ghe.com on a host of its own."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if host == "github.com" or host.endswith(".ghe.com"):
        return f"{parts.scheme}://api.{parts.netloc}"
    return f"{url}/api/v3"
