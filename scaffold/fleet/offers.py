"""Which versions of the platform's blueprints a service gets without anybody naming one."""

from scaffold.config.platform import Platform
from scaffold.config.service import Service
from scaffold.render.offer import Offer


def offers_to(platform: Platform, service: Service) -> dict[str, Offer]:
    """What of each blueprint counts for a service, by the blueprint's URL."""
    return {one.url: Offer(prereleases=service.prereleases) for one in platform.blueprints}
