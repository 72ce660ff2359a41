"""A small blueprint of four repos, so that a run is scaffold's own work and not a long render."""

from tests.builders import ANSWERS_NAME, ANSWERS_TEXT, Files

NAME = "tiny"
_REPOS = ("code", "docker", "manifest", "env")
_BLUEPRINT = """\
name: tiny
summary: Four small repos
kubernetes: "1.34"
repos:
  code: {name: "{{ service }}-code"}
  docker: {name: "{{ service }}-docker", follows: code, pin: upstream}
  manifest: {name: "{{ service }}-manifest", follows: docker, pin: image}
  env: {name: "{{ service }}-env", follows: manifest, pin: release}
"""
_QUESTIONS = """\
_subdirectory: "{{ repo }}"
_envops: {trim_blocks: true, lstrip_blocks: true, keep_trailing_newline: true}
repo: {type: str, choices: [code, docker, manifest, env], default: code, ask: false}
service: {type: str, default: shop}
owner: {type: str, default: platform}
registry: {type: str, default: registry.example.com, ask: false}
environments:
  type: yaml
  default: "[{name: dev, namespace: shop-dev, context: ''}]"
  ask: false
"""
_REPOFILE = """\
service: {{ service }}
owner: {{ owner }}
repo: {{ repo }}
kubernetes: "1.34"
{% if repo == "docker" %}
image: {{ registry }}/{{ service }}
{% elif repo == "env" %}
environments:
{% for environment in environments %}
  {{ environment.name }}: {namespace: {{ environment.namespace }}}
{% endfor %}
{% endif %}
"""
_OVERLAY = """\
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
namespace: {{ environment.namespace }}
resources: [release]
"""
_EACH = "{% yield environment from environments %}{{ environment.name }}{% endyield %}"
_DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: app}
spec:
  selector: {matchLabels: {app: app}}
  template:
    metadata: {labels: {app: app}}
    spec: {containers: [{name: app, image: app}]}
"""
_README = "# {{ service }} {{ repo }}\n\none\ntwo\nthree\nfour\nfive\n"
FIRST: Files = {
    "blueprint.yml": _BLUEPRINT,
    "copier.yml": _QUESTIONS,
    **{f"{repo}/{ANSWERS_NAME}": ANSWERS_TEXT for repo in _REPOS},
    **{f"{repo}/.scaffold.yml.jinja": _REPOFILE for repo in _REPOS},
    **{f"{repo}/README.md.jinja": _README for repo in _REPOS},
    "docker/Dockerfile": "FROM scratch\nCOPY . /app/\n",
    "manifest/base/kustomization.yaml": "resources: [deployment.yaml]\n",
    "manifest/base/deployment.yaml": _DEPLOYMENT,
    f"env/environments/{_EACH}/kustomization.yaml.jinja": _OVERLAY,
}
# Changes each repo, and adds a file to one.
SECOND: Files = {
    **FIRST,
    **{f"{repo}/README.md.jinja": _README.replace("one", "ONE") for repo in _REPOS},
    "code/docs/use.md.jinja": "# Use {{ service }}\n",
}
