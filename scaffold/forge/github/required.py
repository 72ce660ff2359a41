"""The statuses without which nothing is merged on GitHub: a rule of the ruleset of ours."""

from collections.abc import Collection, Mapping
from typing import Any

from scaffold.forge.github.access import our_ruleset
from scaffold.forge.github.client import GithubApi
from scaffold.forge.rest import Call

_ADMIN = "a token with the scope repo, of a user who administers the repo"
_RULE, _CHECKS = "required_status_checks", "required_status_checks"
# https://docs.github.com/en/rest/repos/rules#update-a-repository-ruleset
_NEW: Mapping[str, Any] = {"strict_required_status_checks_policy": False, _CHECKS: []}


def require_statuses(
    api: GithubApi, repo: str, statuses: Collection[str], former: Collection[str]
) -> None:
    """See `Forge.protect`: its ruleset is there. Raises ForgeError."""
    if not (statuses or former):
        return
    call = Call(f"set the statuses that a merge into main of `{repo}` needs", _ADMIN)
    ruleset = our_ruleset(api, repo, call)
    has = required(ruleset)
    if (has - frozenset(former)) | frozenset(statuses) == has:
        return
    others = [rule for rule in ruleset["rules"] if rule["type"] != _RULE]
    parameters = next((rule["parameters"] for rule in _rules(ruleset)), _NEW)
    checks = [one for one in parameters[_CHECKS] if one["context"] not in former]
    checks += [{"context": name} for name in statuses if name not in has]
    rule = {"type": _RULE, "parameters": {**parameters, _CHECKS: checks}}
    body = {"rules": [*others, rule] if checks else others}
    api.send("PUT", f"{api.path(repo)}/rulesets/{ruleset['id']}", call, json=body)


def required(ruleset: Any) -> frozenset[str]:
    """The names that a ruleset asks for."""
    rules = _rules(ruleset)
    return frozenset(one["context"] for rule in rules for one in rule["parameters"][_CHECKS])


def _rules(ruleset: Any) -> list[Any]:
    return [rule for rule in ruleset["rules"] if rule["type"] == _RULE]
