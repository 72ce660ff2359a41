"""Where what blueprints write is published: the addresses that the shipped ones have. Pure.

They are those of the questions in `shared/questions/urls.yml` of each shipped blueprint; empty
where platform.yml has no `docs_base`, or no `grafana_base`, under `answers`.
"""


def docs_page(docs_base: str, service: str) -> str:
    """The docs of a service."""
    return f"{docs_base.rstrip('/')}/{service}" if docs_base else ""


def runbook_page(docs_base: str, service: str) -> str:
    """Its runbook, which is one of the docs."""
    docs = docs_page(docs_base, service)
    return f"{docs}/runbook/" if docs else ""


def dashboard_page(grafana_base: str, service: str) -> str:
    """Its dashboard."""
    return f"{grafana_base.rstrip('/')}/d/{service}" if grafana_base else ""
