"""The kinds of objects that the platform repo alone has.

Otherwise whoever may merge to a service's repo could grant themselves rights or raise its quota,
and pruning the repo would delete the namespace with all that is in it.
"""

from typing import Any

_RBAC = "rbac.authorization.k8s.io"
_CORE_KINDS = ("Namespace", "ResourceQuota", "LimitRange")
_RBAC_KINDS = ("Role", "RoleBinding", "ClusterRole", "ClusterRoleBinding")
PLATFORM_KINDS = (*_CORE_KINDS, *_RBAC_KINDS)


def is_the_platforms(api_version: Any, kind: Any) -> bool:
    """Whether objects of this kind may be in the platform repo only; of its group, any version."""
    group = str(api_version).rpartition("/")[0]
    return kind in {"": _CORE_KINDS, _RBAC: _RBAC_KINDS}.get(group, ())
