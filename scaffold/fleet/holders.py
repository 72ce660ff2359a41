"""Who a name on the command line stands for: a group of platform.yml, or a user. Pure."""

from collections.abc import Collection

from scaffold.config.platform import Platform
from scaffold.config.team import Role
from scaffold.errors import UsageError
from scaffold.similar import close_match

USER, GROUP = "user", "group"


def known_groups(platform: Platform) -> frozenset[str]:
    """The groups that platform.yml gives a role to."""
    return frozenset(
        group for team in platform.teams for role in Role for group in team.groups.of(role)
    )


def holder_of(platform: Platform, text: str, users: Collection[str] = ()) -> tuple[str, str]:
    """The kind and the name that a text stands for.

    A name that platform.yml has is a group, any other one a user: which users there are, the
    identity provider alone knows. `user:NAME` and `group:NAME` say it. Raises UsageError for a
    team, and for a name that looks like a mistyped group and is none of the known `users`.
    """
    kind, colon, name = text.partition(":")
    if colon and kind in (USER, GROUP):
        return kind, name
    groups = known_groups(platform)
    if text in groups:
        return GROUP, text
    if team := platform.team(text):
        named = sorted({group for role in Role for group in team.groups.of(role)})
        raise UsageError(
            f"`{text}` is a team, and no group",
            hint=f"Its groups are: {', '.join(named)}." if named else f"Or is it user:{text}?",
        )
    if text not in users and "@" not in text and (close := close_match(text, groups)):
        raise UsageError(
            f"platform.yml has no group `{text}`",
            hint=f"Did you mean `{close}`? A user of that name is user:{text}, a group that"
            f" platform.yml does not have group:{text}.",
        )
    return USER, text
