"""All kinds of forge, in the order in which they are told; a new one is an entry here."""

from scaffold.config.forges.gitea import GITEA
from scaffold.config.forges.github import GITHUB
from scaffold.config.forges.gitlab import GITLAB
from scaffold.config.forges.kind import ForgeKind
from scaffold.config.forges.local import LOCAL

FORGES: list[ForgeKind] = [LOCAL, GITLAB, GITHUB, GITEA]
