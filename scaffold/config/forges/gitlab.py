"""GitLab, on gitlab.com or an instance of one's own."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field

from scaffold.config.forges.kind import Ci, ForgeKind, Job, Login, StatusApi, Webhook, mapping
from scaffold.config.forges.server import InstanceUrl, ServerForge, check_group
from scaffold.config.values import Label

PIPELINE = "pipeline"
"""What stands for the pipeline where other forges have the name of a status."""


class GitlabForge(ServerForge):
    """A group of a GitLab instance."""

    kind: Literal["gitlab"] = Field(description="Which kind of forge.")
    url: InstanceUrl = Field("https://gitlab.com", description="The instance.")
    group: Annotated[str, AfterValidator(check_group)] = Field(
        description="The group's path; groups within groups as in `acme/shop`."
    )
    pipelines_must_succeed: tuple[Label, ...] = Field(
        (),
        description="The repos of a service, as its blueprint names them, into whose main nothing"
        " is merged without a pipeline that succeeded.",
    )

    @property
    def required(self) -> Mapping[str, tuple[str, ...]]:
        """See ServerForge: GitLab asks for the pipeline, not for a status by its name."""
        return dict.fromkeys(self.pipelines_must_succeed, (PIPELINE,))


def _tokens(config: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for host, login in mapping(config.get("hosts")).items():
        yield str(host), mapping(login).get("token")


GITLAB = ForgeKind(
    "gitlab",
    GitlabForge,
    "scaffold.forge.gitlab.adapter:GitlabGroupForge",
    login=Login(
        variables=("GITLAB_TOKEN",),
        command="glab auth login",
        file="glab-cli/config.yml",
        folder_variable="GLAB_CONFIG_DIR",
        tokens=_tokens,
    ),
    # https://docs.gitlab.com/user/project/integrations/webhook_events/
    webhook=Webhook(
        header="x-gitlab-token",
        signature=lambda _body, secret: secret,  # GitLab sends the secret itself
        repo="project",
        urls=("git_http_url", "git_ssh_url", "http_url", "ssh_url", "url"),
    ),
    # https://docs.gitlab.com/api/commits/#set-commit-pipeline-status
    statuses=StatusApi(
        flux="gitlab",
        path="/api/v4",
        header=("PRIVATE-TOKEN", "{token}"),
        statuses="projects/{repo}/statuses",
        quoted=True,
        failed="failed",
    ),
    ci=Ci.GITLAB,
    # https://docs.gitlab.com/ci/variables/predefined_variables/
    job=Job(
        marks=frozenset({"GITLAB_CI"}),
        url="CI_SERVER_URL",
        repo="CI_PROJECT_PATH",
        ca_file="CI_SERVER_TLS_CA_FILE",
        id_tokens=True,
    ),
    commit_page="/-/commit/{commit}",
    main_page="/-/tree/main/",
    folder=".gitlab",
)
