"""What a service's code has beside it once it is installed."""

from pathlib import Path


def as_installed(folder: Path) -> None:
    """Let the rendered code find what it says of itself, as after its installation."""
    metadata = folder / "src/payments_service-0.1.0.dist-info"
    metadata.mkdir()
    text = "Metadata-Version: 2.4\nName: payments-service\nVersion: 0.1.0\nSummary: Pays\n"
    (metadata / "METADATA").write_text(text)
