"""A blueprint more in platform.yml, whose comments, order and style are the platform team's."""

import yaml

from scaffold.config.platform import PLATFORM_FILE
from scaffold.config.yaml_reader import compose_documents, read_yaml
from scaffold.errors import ConfigError, NameTakenError

_KEY = "blueprints"


def with_blueprint(data: bytes, name: str, url: str) -> bytes:
    """platform.yml with one more blueprint, after all others: the first one is the default.

    One that is in it already changes nothing. Raises NameTakenError where another one has the name,
    ConfigError where the file is written in a way that this can't add to.
    """
    entry = {"name": name, "url": url}
    wanted = read_yaml(data, source=PLATFORM_FILE)
    for there in wanted[_KEY]:
        if entry.items() <= there.items():
            return data
        if there["name"] == name:
            raise NameTakenError(
                f"somebody else has just named a blueprint `{name}`", hint="Choose another name."
            )
    wanted[_KEY] = [*wanted[_KEY], entry]  # a new list: what was read may be an alias of another
    text = data.decode()
    listed = _listed(text)
    if listed is not None and listed.value:
        made = (_in_a_flow if listed.flow_style else _in_a_block)(text, listed, entry).encode()
        if read_yaml(made, source=PLATFORM_FILE) == wanted:
            return made
    raise ConfigError(
        "its list of blueprints is written in a way that nothing can be added to",
        where=PLATFORM_FILE,
        hint=f"Add this at its end by hand: - {_flow(entry)}",
    )


def _listed(text: str) -> yaml.SequenceNode | None:
    (root,) = compose_documents(text, source=PLATFORM_FILE, loader=yaml.SafeLoader)
    for key, value in root.value:
        if key.value == _KEY and isinstance(value, yaml.SequenceNode):
            return value
    return None


def _in_a_flow(text: str, listed: yaml.SequenceNode, entry: dict[str, str]) -> str:
    end = listed.value[-1].end_mark.index
    return f"{text[:end]}, {_flow(entry)}{text[end:]}"


def _in_a_block(text: str, listed: yaml.SequenceNode, entry: dict[str, str]) -> str:
    """The end of a block is known only by the next token, past comments that belong to that."""
    last: yaml.Node = listed
    collection = (yaml.MappingNode, yaml.SequenceNode)
    while isinstance(last, collection) and last.value and not last.flow_style:
        item = last.value[-1]
        last = item[1] if isinstance(item, tuple) else item
    before, after = text[: last.end_mark.index], text[last.end_mark.index :]
    rest, _, after = after.partition("\n")
    margin = " " * listed.start_mark.column
    lines = yaml.safe_dump(entry, sort_keys=False, width=float("inf")).splitlines()
    added = "".join(f"{margin}{sign} {line}\n" for sign, line in zip("- ", lines, strict=True))
    return f"{before}{rest}\n{added}{after}"


def _flow(entry: dict[str, str]) -> str:
    text: str = yaml.safe_dump(entry, sort_keys=False, default_flow_style=True, width=float("inf"))
    return text.strip()
