"""How kubectl logs in: by a kubeconfig that the job is given, or by a token of the forge's.

Such a token is good for some minutes, so that no job needs a secret that opens a cluster for good.
"""

import base64
import json
import os
import time
from dataclasses import dataclass, field

import requests

from scaffold.config.api_server import ApiServer
from scaffold.errors import DeployError
from scaffold.forge.http import PatientAdapter, TokenAuth, make_session
from scaffold.forge.job import in_job

KUBECONFIG = "SCAFFOLD_KUBECONFIG"
"""The variable that has a kubeconfig itself: a CI whose secrets are no files knows no other way."""
ID_TOKEN = "SCAFFOLD_ID_TOKEN"  # noqa: S105 - its name
"""The variable with a token by which a job logs in; generated pipelines for GitLab set it."""
# https://docs.github.com/en/actions/reference/security/oidc#methods-for-requesting-the-oidc-token
_URL, _BEARER = "ACTIONS_ID_TOKEN_REQUEST_URL", "ACTIONS_ID_TOKEN_REQUEST_TOKEN"
_FRESH = 60.0  # seconds for which one token of GitHub's is used; it is good for five minutes
_NAME = "job"


@dataclass
class Login:
    """The log-in to one cluster; without a server a kubeconfig has all of it."""

    server: ApiServer | None = None
    _token: str = field(default="", repr=False)
    _until: float = 0.0

    def kubeconfig(self) -> str:
        """A kubeconfig; empty where kubectl is to look for one itself.

        By a person's own hands theirs counts. Raises DeployError for a job that gets no token.
        """
        if self.server is not None and (token := self._id_token(self.server.wanted_audience)):
            return _kubeconfig(self.server, token)
        given = os.environ.get(KUBECONFIG, "")
        if self.server is not None and in_job():
            raise DeployError(
                "the job has no token for the cluster, since nothing asks the forge for one",
                where=self.server.url,
                hint="On GitHub it needs `permissions: {id-token: write}`, on GitLab `id_tokens:"
                f" {{{ID_TOKEN}: {{aud: {self.server.wanted_audience}}}}}`.",
            )
        return given

    def _id_token(self, audience: str) -> str:
        if given := os.environ.get(ID_TOKEN, "").strip():
            return given
        url, bearer = os.environ.get(_URL, ""), os.environ.get(_BEARER, "")
        if not (url and bearer):
            return ""
        if time.monotonic() >= self._until:
            self._token = _asked(url, bearer, audience)
            self._until = time.monotonic() + _FRESH
        return self._token


def _asked(url: str, bearer: str, audience: str) -> str:
    """A token that GitHub makes for this job. Raises DeployError; it tells nothing of the token."""
    try:
        session = make_session(PatientAdapter(), TokenAuth("Bearer", bearer))
        answer = session.get(url, params={"audience": audience})
        answer.raise_for_status()
        return str(answer.json()["value"])
    except (requests.RequestException, KeyError, TypeError, ValueError) as error:
        raise DeployError(
            "GitHub makes no token for the job",
            details=[type(error).__name__],
            hint="Run the job again; see https://www.githubstatus.com.",
        ) from error


def _kubeconfig(server: ApiServer, token: str) -> str:
    ca = base64.b64encode(server.ca.encode()).decode()
    trusted = {"certificate-authority-data": ca} if ca else {}
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": _NAME, "cluster": {"server": server.url, **trusted}}],
        "users": [{"name": _NAME, "user": {"token": token}}],
        "contexts": [{"name": _NAME, "context": {"cluster": _NAME, "user": _NAME}}],
        "current-context": _NAME,
    }
    return json.dumps(config)
