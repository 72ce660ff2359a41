"""Jinja extensions that a template names: whether they can be loaded, and what package has them."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from typing import Any

import jinja2.environment

from scaffold.similar import did_you_mean

_JINJAS_OWN = "jinja2.ext."
# Packages whose names are not those of their modules by rule, or that templates use often.
_PACKAGES = {
    "cookiecutter": "cookiecutter",
    "copier_template_extensions": "copier-template-extensions",
    "copier_templates_extensions": "copier-templates-extensions",
    "jinja2_env": "jinja2-env",
    "jinja2_getenv_extension": "jinja2-getenv-extension",
    "jinja2_git": "jinja2-git",
    "jinja2_git_dir": "jinja2-git-dir",
    "jinja2_humanize_extension": "jinja2-humanize-extension",
    "jinja2_jsonschema": "jinja2-jsonschema",
    "jinja2_pluralize": "jinja2-pluralize",
    "jinja2_shell_extension": "jinja2-shell-extension",
    "jinja2_slug": "jinja2-slug",
    "jinja2_strcase": "jinja2-strcase",
    "jinja2_time": "jinja2-time",
}
# Extensions that load others, from files of the template: `extensions/a.py:Class`.
_LOADERS = ("copier_template_extensions.", "copier_templates_extensions.")
# Filters that templates use of extensions without saying so.
_WITH_FILTER = {
    "jsonify": "cookiecutter.extensions.JsonifyExtension",
    "shell": "jinja2_shell_extension.ShellExtension",
    "slugify": "cookiecutter.extensions.SlugifyExtension",
    "to_camel": "jinja2_strcase.StrcaseExtension",
    "to_kebab": "jinja2_strcase.StrcaseExtension",
    "to_snake": "jinja2_strcase.StrcaseExtension",
}


def loadable(extensions: Sequence[str], *, trust: bool) -> list[str]:
    """Those that can be loaded, in their order; without trust only jinja's own, others' being code.

    An extension that is a file of the template counts as loadable where its loader is.
    """
    found: list[str] = []
    for one in extensions:
        is_file = ":" in one and one.partition(":")[0].endswith(".py")
        if one.startswith(_JINJAS_OWN) or (
            trust
            and (
                any(loader.startswith(_LOADERS) for loader in found) if is_file else _is_there(one)
            )
        ):
            found.append(one)
    return found


def _is_there(extension: str) -> bool:
    """Whether a module can be imported and has the name."""
    module, _, name = extension.replace(":", ".").rpartition(".")
    try:
        return hasattr(import_module(module), name)
    except Exception:  # noqa: BLE001 - an extension may do anything where it is imported
        return False


@contextmanager
def own_loading() -> Iterator[None]:
    """Keep what a template's loader of extensions does to jinja from other templates.

    `TemplateExtensionLoader` replaces jinja's import of extensions for the whole process.
    """
    jinja: Any = jinja2.environment
    own = jinja.import_string
    try:
        yield
    finally:
        jinja.import_string = own


def how_to_install(extension: str) -> str:
    """What to do to have an extension that is not installed."""
    module = extension.partition(".")[0]
    package = _PACKAGES.get(module)
    what = f"`pip install {package}`" if package else f"Install the package with module `{module}`"
    return f"{what}, in the virtual environment or image that scaffold is in."


def how_to_have(kind: str, name: str, known: Sequence[str]) -> str:
    """What to do about a filter or test, the `kind`, that jinja does not know."""
    extension = _WITH_FILTER.get(name) if kind == "filter" else None
    if extension:
        return f"It is of `{extension}`: name that under `_jinja_extensions`."
    return did_you_mean(
        name, known, "Mend its name, or name the extension that has it under `_jinja_extensions`."
    )
