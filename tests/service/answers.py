"""Random valid answers to the shipped blueprint, and random platforms to give them to.

Everything here is meant to be taken: what is drawn keeps the rules that the questions and
platform.yml state, and goes to their edges. One seed gives one case, so that each can be made
again alone; draws are independent, where hypothesis would vary what it drew before.
"""

import json
import random
import string
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from scaffold.config.environment import Promotion
from scaffold.config.names import (
    LONGEST_LABEL,
    LONGEST_SERVICE_NAME,
    RESERVED_SERVICE_NAMES,
)
from tests.builders import git
from tests.service.run import scaffold

_IDENTITY = {
    f"GIT_{who}_{what}": value
    for who in ("AUTHOR", "COMMITTER")
    for what, value in (("NAME", "Dev"), ("EMAIL", "dev@example.com"))
}
_HEAD = string.ascii_lowercase
_TAIL = _HEAD + string.digits
# What YAML 1.1 reads as something else; the blueprint refuses these as names.
_YAML_WORDS = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null"})
# Names that mean something to Python, to a build backend or to a shell.
_LOADED_NAMES = (
    "json", "test", "starlette", "class", "src", "main", "a", "x-y", "a-service", "b-" * 19 + "cd",
    "pip", "none", "e1", "a0123456789", "docker", "code-code", "my--service", "z" * 40,
)  # fmt: skip
# What breaks where it is pasted instead of quoted.
_LOADED_TEXT = (
    '"', "'", "\\", "`", "$", "${PATH}", "$(id)", "{{ service }}", "{% raw %}", "{# #}", "#", ": ",
    "- ", "&", "*", "|", "<b>", "-->", "%", "%(x)s", "{0}", "\t", "\u00a0", "\u200d", "é", "決済",
    "🤝", "\u202e", "\\n", "~", "null", "[a](b.md)", "__x__", "'''", '"""', "@", "!tag", "]]>",
)  # fmt: skip
# The code points that the question for the summary allows, by script and plane.
_ALLOWED = (
    (0x20, 0x7E), (0x20, 0x7E), (0xA0, 0x17F), (0x370, 0x6FF), (0x2000, 0x2027), (0x202A, 0x206F),
    (0x3040, 0x9FFF), (0xE000, 0xFEFE), (0xFF00, 0xFFFD), (0x1F300, 0x1FAFF), (0x10000, 0x10FFFF),
)  # fmt: skip
_NAMESPACES = (
    "{service}-{environment}",
    "{environment}-{service}",
    "{owner}-{service}-{environment}",
    "ns-{environment}-{owner}-{service}",
    "{service}-{environment}-{service}",
)


@dataclass(frozen=True)
class Case:
    """One service that somebody may ask for: on which platform, called what, answered how.

    `settings` replace those keys in the platform.yml that `scaffold init` writes.
    """

    settings: Mapping[str, Any]
    service: str
    answers: Mapping[str, Any]


def random_case(seed: int) -> Case:
    """A service on a platform, everything about both at random."""
    rng = random.Random(seed)  # noqa: S311 - nothing here is secret
    settings, longest = random_platform(rng)
    owners = [team["name"] for team in settings["teams"]]
    return Case(settings, random_service(rng, longest), random_answers(rng, owners))


def random_label(rng: random.Random, longest: int) -> str:
    """A lower-case name of any length, at times the longest, with hyphens in any number."""
    length = longest if rng.random() < 0.2 else rng.randint(1, longest)
    body = rng.choice([_TAIL, _TAIL + "-", "--" + string.digits])
    name = rng.choice(_HEAD) + "".join(rng.choices(body, k=length - 1))
    name = name[:-1] + rng.choice(_TAIL) if length > 1 else name
    return random_label(rng, longest) if name in _YAML_WORDS else name


def random_service(rng: random.Random, longest: int) -> str:
    """A name that a service may have, one in five of the loaded ones."""
    loaded = [name for name in _LOADED_NAMES if len(name) <= longest]
    name = rng.choice(loaded) if rng.random() < 0.2 else random_label(rng, longest)
    refused = name in RESERVED_SERVICE_NAMES or name.startswith("kube-")
    return random_service(rng, longest) if refused else name


def random_summary(rng: random.Random) -> str:
    """One line of anything: scripts, quotes, braces, blanks at both ends."""
    parts = [
        rng.choice(_LOADED_TEXT) if rng.random() < 0.5 else _random_text(rng)
        for _ in range(rng.randint(1, 12))
    ]
    text = "".join(parts)
    # What the question refuses: nothing but blanks, and backslashes that end a quoted string.
    refused = not text.strip() or text.endswith("\\") or '\\"' in text
    return random_summary(rng) if refused else text


def _random_text(rng: random.Random) -> str:
    first, last = rng.choice(_ALLOWED)
    return "".join(chr(rng.randint(first, last)) for _ in range(rng.randint(1, 12)))


def random_host(rng: random.Random) -> str:
    """A full DNS name, up to the 189 characters that the question allows."""
    parts = [random_label(rng, LONGEST_LABEL) for _ in range(rng.randint(2, 6))]
    parts[0] = rng.choice(string.digits) + parts[0][1:]  # all but the last may start with a digit
    host = ".".join(parts)
    return host if len(host) <= 189 else random_host(rng)


def random_answers(rng: random.Random, owners: Sequence[str]) -> dict[str, Any]:
    """An answer to each question but the name's; at times some are left to their defaults."""
    drawn: dict[str, Any] = {
        "owner": rng.choice(owners),
        "summary": random_summary(rng),
        "python_version": rng.choice(["3.11", "3.12", "3.13"]),
        "port": rng.choice([1024, 65535, rng.randint(1024, 65535)]),
        "size": rng.choice(["small", "medium", "large"]),
        "exposure": rng.choice(["none", "internal", "public"]),
        "host": random_host(rng),
        "monitoring": rng.random() < 0.5,
        "ci": rng.choice(["gitlab", "github"]),
    }
    for name in rng.sample(sorted(drawn), k=rng.choice([0, 0, 1, 2])):
        del drawn[name]
    if drawn.get("exposure", "none") == "none":
        drawn.pop("host", None)
    return drawn


def random_platform(rng: random.Random) -> tuple[dict[str, Any], int]:
    """Settings of a platform, and how long the name of a service may be for its namespaces."""
    namespace = rng.choice(_NAMESPACES)
    owners = sorted({random_label(rng, 20) for _ in range(rng.randint(1, 3))})
    services = namespace.count("{service}")
    owner = max(owners, key=len)
    fixed = len(namespace.format(service="", environment="", owner=owner))
    room = LONGEST_LABEL - fixed - services  # a service's name has one character at least
    environments = random_environments(rng, rng.choice([4, 12, room]))
    left = room - max(len(one["name"]) for one in environments)
    settings = {
        "namespace": namespace,
        "environments": environments,
        "teams": [{"name": one, "groups": _random_groups(rng, one)} for one in owners],
        "registry": rng.choice(["registry.example.com/acme", "localhost:5000/a/b"]),
        "answers": {
            "docs_base": rng.choice(["https://docs.example.com/", "http://d/x?y=1#z", ""]),
            "grafana_base": rng.choice(["https://grafana.example.com", ""]),
            "domain": rng.choice(["example.com", "apps.acme.example"]),
        },
    }
    return settings, min(1 + left // services, LONGEST_SERVICE_NAME)


def random_environments(rng: random.Random, longest: int) -> list[dict[str, Any]]:
    """One to five environments, each after one of those before it, or the first of a chain."""
    count, names = rng.randint(1, 5), list[str]()
    while len(names) < count:
        name = random_label(rng, longest)
        names += [] if name in names else [name]
    made: list[dict[str, Any]] = []
    for number, name in enumerate(names):
        fewest = rng.choice([1, rng.randint(1, 10), rng.randint(1, 1000)])
        most = rng.choice([fewest, rng.randint(fewest, 1000)])
        made.append({"name": name, "replicas": {"min": fewest, "max": most}})
        made[-1]["context"] = rng.choice(["", "kind-dev", "eu/cluster: 1", "a@b.c"])
        if number and rng.random() < 0.9:
            made[-1]["after"] = rng.choice(names[:number])
            made[-1]["promotion"] = rng.choice([one.value for one in Promotion])
            made[-1]["soak_hours"] = rng.choice([0, 0.5, 24])
    return made


def _random_groups(rng: random.Random, owner: str) -> dict[str, list[str]]:
    """Who holds the roles: nobody, one group, or groups whose names need quotes."""
    odd = ["CN=Shop,OU=Teams,DC=example", "oidc:team/a", "null"]
    everywhere = {"read-only": odd, "developer": odd, "admin": odd}
    return rng.choice([{}, {"admin": [f"{owner}-admins"]}, everywhere])


def problems_with(case: Case, folder: Path) -> list[str]:
    """Make the platform and the service in an empty folder by the command line.

    Returns what went wrong: the error, or each check that did not pass or could not run.
    """
    made = scaffold("init", "acme", "--defaults", "--quiet", cwd=folder, env=_IDENTITY)
    if made.returncode:
        return made.stderr.splitlines()
    platform = folder / "acme" / "platform"
    _change_settings(platform, case.settings)
    (folder / "answers.yml").write_text(
        yaml.safe_dump(dict(case.answers), allow_unicode=True), encoding="utf-8"
    )
    given = ["--data-file", str(folder / "answers.yml"), "--defaults", "--output", "json"]
    made = scaffold("new", "service", case.service, *given, cwd=platform, env=_IDENTITY)
    if made.returncode or made.stderr:
        return [f"exit {made.returncode}", *made.stderr.splitlines()]
    told = json.loads(made.stdout)
    found = [
        f"{check['outcome']} {check['name']} {check['target']}: {' '.join(check['details'])}"
        for check in told["checks"]
        if check["outcome"] != "passed"
    ]
    if not told["checks"]:
        found.append("no check was run")
    if told["registration"] != "registered":
        found.append(f"the registration is {told['registration']}")
    return found


def _change_settings(platform: Path, settings: Mapping[str, Any]) -> None:
    """Replace keys of platform.yml, as its team would: a commit that is pushed."""
    file = platform / "platform.yml"
    whole = yaml.safe_load(file.read_text(encoding="utf-8")) | dict(settings)
    file.write_text(yaml.safe_dump(whole, sort_keys=False), encoding="utf-8")
    for command in (("commit", "--quiet", "--all", "--message=Settings"), ("push", "--quiet")):
        git(*command, cwd=platform)
