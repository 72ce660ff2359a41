"""Which versions of the platform's blueprints a service gets without anybody naming one."""

from packaging.version import Version

from scaffold.config.platform import Hold, Platform
from scaffold.config.service import Service
from scaffold.render.offer import Offer


def offers_to(platform: Platform, service: Service | None) -> dict[str, Offer]:
    """What of each blueprint counts for a service, by the blueprint's URL.

    None is one that is not in the catalog yet: what is held back is not for it.
    """
    return {
        one.url: Offer(
            prereleases=service is not None and service.prereleases,
            below=Version(one.hold.version) if one.hold and _is_held(one.hold, service) else None,
        )
        for one in platform.blueprints
    }


def _is_held(hold: Hold, service: Service | None) -> bool:
    if service is None:
        return True
    return service.name not in hold.services and service.owner not in hold.owners
