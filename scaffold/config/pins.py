"""Where pins lie; what writes them is in `chain`, what may not render them in `blueprint`."""

UPSTREAM_PATH = "upstream.yml"
IMAGE_PATH = "image/kustomization.yaml"
# The name that a blueprint's Deployment gives its image; the Component replaces it.
IMAGE_PLACEHOLDER = "app"
