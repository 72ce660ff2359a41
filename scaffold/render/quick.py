"""A copier run that writes files only where needed, and asks the same questions only once.

The steps are those of copier; see `memory` for rendering without files.
"""

import re
from abc import abstractmethod
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jinja2 import Environment, TemplateError, meta

from scaffold.git.tree import Tree
from scaffold.render import memory
from scaffold.render.copier_api import AnswersMap, LazyDict, Worker
from scaffold.render.environment import Compiled, is_text
from scaffold.render.memory import Sources

# Names by which answers may depend on the version or on other files.
_OF_A_VERSION = re.compile(r"\b_copier_")
_OTHER_FILES = re.compile(r"\b(?:include|import|extends)\b")


@dataclass(frozen=True)
class Settled:
    """The final answers, while files are rendered."""

    context: Mapping[str, Any]
    answers_file: Path

    def fresh_context(self) -> dict[str, Any]:
        """A copy of the context, so that no template sees another one's changes."""
        context = dict(self.context)
        context["_copier_answers"] = dict(context["_copier_answers"])
        conf: Any = context["_copier_conf"]
        context["_copier_conf"] = LazyDict(conf._pending)  # noqa: SLF001 - it is copier's
        return context


@dataclass
class Earlier:
    """The questions and answers of the first of two renders, for the second."""

    asked: str = ""
    data: dict[str, Any] = field(default_factory=dict)
    answers: AnswersMap | None = None

    def keep(self, asked: str, worker: Worker) -> None:
        """Keep the answers, before a file can change any of them."""
        self.asked, self.data, self.answers = asked, dict(worker.data), deepcopy(worker.answers)

    def answer(self, asked: str, worker: Worker) -> bool:
        """Give a run the earlier answers if its questions are the same; return whether so."""
        if self.answers is None or asked != self.asked:
            return False
        worker.data = dict(self.data)
        worker.answers = deepcopy(self.answers)
        # `_commit` and `_src_path`, which templates see too, are this version's own.
        worker.answers.metadata = worker.template.metadata
        return True


class QuickWorker(Worker):
    """A copier run; `rendered` is the tree, or None if that is in files.

    `earlier` is from a run of another version of the template; with `in_memory` it tries to do
    without files.
    """

    sources: Sources
    compiled: Compiled
    recorded: Mapping[str, Any]
    earlier: Earlier | None = None
    in_memory: bool = False
    rendered: Tree | None = None
    settled: Settled | None = None  # while files are rendered

    @property
    def answers_relpath(self) -> Path:
        """The path of the answers file, which copier renders again for each file."""
        if self.settled is not None:
            self.compiled.forget_loop()  # as asking jinja would
            return self.settled.answers_file
        inherited: Any = Worker.__dict__["answers_relpath"]
        path: Path = inherited.fget(self)
        return path

    def _new_context(self) -> Any:
        return super()._render_context()

    def know(self) -> None:
        """Take the recorded answers as they are, without asking a question."""
        self.answers = AnswersMap(
            last=dict(self.recorded),
            metadata=self.template.metadata,
            external=self._external_data(),
        )

    @abstractmethod
    def _settle(self) -> None:
        """Settle the answers."""

    def _ask(self) -> None:
        """Settle the answers, or reuse those of an earlier run with the same questions."""
        asked = self._asked()
        earlier = None if asked is None else self.earlier
        if earlier and asked and earlier.answer(asked, self):
            self.answers.external = self._external_data()
            return
        self._settle()
        if earlier and asked:
            earlier.keep(asked, self)

    def _asked(self) -> str | None:
        """All inputs of the answers, or None where the version itself is one of them."""
        questions = (self.template.config_data, self.template.questions_data)
        if not self.sources.behind_questions:
            self.sources.behind_questions.append(_texts_behind(self.jinja_env, questions))
        (texts,) = self.sources.behind_questions
        if texts is None or _OF_A_VERSION.search(repr((questions, texts))):
            return None
        return repr((questions, texts, self.recorded, self.data, self.unsafe))

    def _render_context(self) -> Any:
        """Copier's context, made once while files are rendered, as answers are final then."""
        return self._new_context() if self.settled is None else self.settled.fresh_context()

    def _render_string(self, string: str, extra_context: Any = None) -> str:
        """Render a string as copier does; most parts of paths have no template syntax."""
        if self.settled is not None and is_text(self.jinja_env, string):
            self.compiled.forget_loop()  # as asking jinja would
            return string
        return super()._render_string(string, extra_context)

    def _render_template(self) -> None:
        """Render into memory if possible, else into files; answers do not change meanwhile.

        Raises NotInMemoryError where it turns out to be impossible, and another run is needed.
        """
        self.settled = Settled(self._new_context(), self.answers_relpath)
        try:
            if self.in_memory and memory.fits(self, self.sources):
                self.rendered = memory.render(self, self.sources)
            else:
                super()._render_template()
        finally:
            self.settled = None


def _texts_behind(environment: Environment, questions: object) -> tuple[str, ...] | None:
    """The files that questions include or import, at any depth; None where that is unknown."""
    sources: dict[str, str] = {}
    waiting = [text for text in _texts(questions) if _OTHER_FILES.search(text)]
    while waiting:
        try:
            parsed = environment.parse(waiting.pop())
            for name in meta.find_referenced_templates(parsed):
                if name is None or environment.loader is None:
                    return None
                if name not in sources:
                    sources[name] = environment.loader.get_source(environment, name)[0]
                    waiting.append(sources[name])
        except TemplateError:
            return None
    return tuple(sources[name] for name in sorted(sources))


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        yield from _texts(list(value.values()))
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _texts(item)
