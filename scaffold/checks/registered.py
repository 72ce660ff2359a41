"""All checks, in the order in which they are reported; a new one is an entry here."""

import re
from pathlib import Path

from scaffold.checks.engines import check_engine_files
from scaffold.checks.files import (
    HADOLINT_CONFIG,
    check_actions,
    check_dockerfile,
    check_github_workflow,
    check_gitlab_ci,
)
from scaffold.checks.overlay import check_overlay, check_service_overlay
from scaffold.checks.own_tests import MAKEFILES, run_own_tests
from scaffold.checks.platform import check_catalog_entry, check_settings
from scaffold.checks.registry import RegisteredCheck, Scope, itself
from scaffold.checks.release import check_release
from scaffold.checks.rules import RULE_TESTS, check_rules
from scaffold.checks.smoke import check_smoke
from scaffold.config.places import (
    ENGINE_ROOT,
    NOTIFICATIONS_PATH,
    RELEASE_FILE,
    access_folder,
    engine_root_path,
    environment_folder,
    release_path,
    smoke_paths,
)
from scaffold.config.platform import PLATFORM_FILE
from scaffold.config.service import catalog_path

# Files that no overlay uses: documents, CI, and the answers to the template.
_NO_MANIFESTS = re.compile(
    r"docs/|\.github/|\.gitlab-ci\.yml$|(Dockerfile|\.hadolint\.yaml)$|.*\.md$|\.copier-answers[^/]*$"
)
_WORKFLOWS = (".github/workflows/*.yml", ".github/workflows/*.yaml")


def _makes_an_overlay(_target: str, path: str) -> bool:
    return not _NO_MANIFESTS.match(path)


CHECKS: list[RegisteredCheck] = [
    RegisteredCheck("settings", (PLATFORM_FILE,), itself, check_settings, scope=Scope.PLATFORM),
    RegisteredCheck(
        "settings",
        (catalog_path("*"),),
        lambda target, path: path in {target, PLATFORM_FILE},
        check_catalog_entry,
        scope=Scope.PLATFORM,
    ),
    RegisteredCheck(
        "kustomize",
        ("base/kustomization.yaml", f"{environment_folder('*')}/kustomization.yaml"),
        _makes_an_overlay,
        check_service_overlay,
    ),
    RegisteredCheck(
        "release",
        (release_path("*"),),
        lambda target, path: path.startswith(target.removesuffix(RELEASE_FILE)),
        check_release,
    ),
    RegisteredCheck(
        "alerts",
        (RULE_TESTS,),
        lambda target, path: Path(path).parent == Path(target).parent,
        check_rules,
    ),
    RegisteredCheck("smoke", smoke_paths("*"), itself, check_smoke),
    RegisteredCheck(
        "kustomize",
        (f"{access_folder('*', '*')}/kustomization.yaml",),
        _makes_an_overlay,
        check_overlay,
        scope=Scope.PLATFORM,
    ),
    RegisteredCheck(
        "kubeconform",
        (engine_root_path("*"), NOTIFICATIONS_PATH),
        lambda target, path: path.startswith(target.removesuffix(ENGINE_ROOT)),
        check_engine_files,
        scope=Scope.PLATFORM,
    ),
    RegisteredCheck("gitlab-ci", (".gitlab-ci.yml",), itself, check_gitlab_ci, scope=Scope.ANY),
    RegisteredCheck(
        "hadolint",
        ("Dockerfile",),
        lambda target, path: path in {target, HADOLINT_CONFIG},
        check_dockerfile,
    ),
    RegisteredCheck("github-workflow", _WORKFLOWS, itself, check_github_workflow, scope=Scope.ANY),
    RegisteredCheck(
        "actionlint",
        _WORKFLOWS,
        # actionlint reads the local actions of a workflow, too.
        lambda _target, path: path.startswith(".github/"),
        check_actions,
        scope=Scope.ANY,
    ),
    RegisteredCheck("tests", MAKEFILES, lambda _target, _path: True, run_own_tests, static=False),
]
