"""The pieces of a step as lesson.md gives them: manifests, commands, questions, hints."""

import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass, field

from markdown_it.token import Token

from app.content.markdown import Markdown, Node
from app.content.model import Block, Choice, Command, Drawing, Manifest, Prose, Purpose, Question
from app.errors import LessonMistake

BLANK = "___"
_BLANK = re.compile(r"⟦(?P<right>[^⟦⟧|]*)(?:\|(?P<shown>[^⟦⟧]*))?⟧")
_HEADING = re.compile(r"^(?P<title>.+?)\s*\{#(?P<id>[a-z0-9][a-z0-9-]*)\}$")
_DRAWING = re.compile(r"^\{\{drawing: (?P<name>[a-z0-9-]+)\}\}$")
_CHOICE = re.compile(r"^\[(?P<mark>[ x])\] (?P<text>.+?) \| (?P<reply>.+)$", re.DOTALL)


@dataclass
class Draft:
    """A step while it is being read. `line` is where its heading stands."""

    id: str
    title: str
    line: int
    blocks: list[Block] = field(default_factory=list)
    hints: list[str] = field(default_factory=list)
    explanations: list[str] = field(default_factory=list)


class StepReader:
    """Turns the pieces of one lesson.md into steps. Raises: LessonMistake with file and line."""

    def __init__(self, file: str, markdown: Markdown) -> None:
        self._file = file
        self._markdown = markdown

    def read(self, nodes: Sequence[Node]) -> tuple[str, list[Draft]]:
        """Return the introduction as HTML and the steps."""
        intro: list[Token] = []
        steps: list[Draft] = []
        for node in nodes:
            if node.type == "step":
                steps.append(self._begin(node))
            elif steps:
                self._add(steps[-1], node)
            elif node.type in {"prose", "fence"}:
                intro.extend(node.tokens)
            else:
                raise self._mistake(node, f"a {node.type} stands before the first step")
        return self._markdown.html(intro), steps

    def _mistake(self, node: Node, message: str) -> LessonMistake:
        return LessonMistake(self._file, node.line, message)

    def _begin(self, node: Node) -> Draft:
        found = _HEADING.match(node.words)
        if not found:
            raise self._mistake(node, "a step's heading ends with its id: ## Title {#step-id}")
        return Draft(found["id"], found["title"], node.line)

    def _add(self, step: Draft, node: Node) -> None:
        if node.type == "hint":
            step.hints.append(self._markdown.html(node.tokens))
        elif node.type == "explain":
            step.explanations.append(self._markdown.html(node.tokens))
        elif node.type == "question":
            step.blocks.append(self._question(node))
        elif node.type == "drawing":
            step.blocks.append(self._drawing(node))
        elif node.type == "fence" and node.words.split()[:1] == ["run"]:
            step.blocks.append(self._command(node, len(_commands(step)) + 1))
        elif node.type == "fence" and " file=" in node.words:
            step.blocks.append(self._manifest(node))
        else:
            step.blocks.append(Prose(self._markdown.html(node.tokens)))

    def _drawing(self, node: Node) -> Drawing:
        found = _DRAWING.match(node.words)
        if not found:
            raise self._mistake(node, "a drawing is written {{drawing: name}}")
        return Drawing(found["name"])

    def _manifest(self, node: Node) -> Manifest:
        name = node.words.split("file=", 1)[1].split()[0]
        text = node.tokens[0].content
        if not re.fullmatch(r"[a-z0-9][a-z0-9.-]*\.yaml", name):
            raise self._mistake(node, f"a manifest's file is a plain name like app.yaml: {name}")
        return Manifest(name, _BLANK.sub(_right, text), _BLANK.sub(_shown, text))

    def _command(self, node: Node, number: int) -> Command:
        line = node.tokens[0].content.strip()
        if not line or "\n" in line:
            raise self._mistake(node, "a run fence holds one command on one line")
        options = {"id": f"run-{number}", "timeout": ""}
        flags: set[str] = set()
        for word in shlex.split(node.words)[1:]:
            key, equals, value = word.partition("=")
            if equals and key in options:
                options[key] = value
            elif word in {"look", "copy", "background"}:
                flags.add(word)
            else:
                raise self._mistake(node, f"a run fence does not know the word {word}")
        purpose: Purpose = "look" if "look" in flags else "copy" if "copy" in flags else "do"
        timeout_s = float(options["timeout"]) if options["timeout"] else None
        return Command(options["id"], line, purpose, "background" in flags, timeout_s)

    def _question(self, node: Node) -> Question:
        words = dict(word.split("=", 1) for word in node.words.split() if "=" in word)
        if set(words) != {"id"}:
            raise self._mistake(node, "a question begins ::: question id=NAME")
        at = next(
            (i for i, token in enumerate(node.tokens) if token.type == "bullet_list_open"), None
        )
        if at is None:
            raise self._mistake(node, "a question has a list of choices: - [x] text | reply")
        items = [token for token in node.tokens[at:] if token.type == "inline"]
        choices = tuple(self._choice(node, n, item) for n, item in enumerate(items, 1))
        if sum(choice.is_right for choice in choices) != 1:
            raise self._mistake(node, "a question has exactly one right choice, marked [x]")
        return Question(words["id"], self._markdown.html(node.tokens[:at]), choices)

    def _choice(self, node: Node, number: int, item: Token) -> Choice:
        found = _CHOICE.match(item.content)
        if not found:
            raise self._mistake(node, f"choice {number} is not written [ ] text | reply")
        text, reply = (self._markdown.inline(found[part]) for part in ("text", "reply"))
        return Choice(str(number), text, found["mark"] == "x", reply)


def _right(blank: re.Match[str]) -> str:
    return blank["right"]


def _shown(blank: re.Match[str]) -> str:
    return BLANK if blank["shown"] is None else blank["shown"]


def _commands(step: Draft) -> list[Command]:
    return [block for block in step.blocks if isinstance(block, Command)]
