"""Markdown as the course writes it: tokens with their lines, and our few blocks."""

from collections.abc import Sequence
from dataclasses import dataclass

from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_plugins.container import container_plugin
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name
from pygments.util import ClassNotFound

ASIDES = {"note": "Note", "trap": "Trap", "real": "On a real cluster"}
CONTAINERS = ("question", "hint", "explain", *ASIDES)


@dataclass(frozen=True)
class Node:
    """A top-level piece of a page: one token, or a container with all that is inside it.

    `line` counts from 1 in the file. `words` is what stands behind the opening mark.
    """

    type: str
    tokens: tuple[Token, ...]
    line: int
    words: str = ""


def _highlight(code: str, language: str, _attributes: str) -> str:
    try:
        lexer = get_lexer_by_name(language or "text")
    except ClassNotFound:
        lexer = get_lexer_by_name("text")
    body = highlight(code, lexer, HtmlFormatter(nowrap=True))
    return f'<pre class="code" tabindex="0"><code>{body}</code></pre>'


class Markdown:
    """Reads and renders the course's Markdown. HTML in it is shown as text."""

    def __init__(self) -> None:
        self._reader = MarkdownIt("commonmark", {"html": False, "highlight": _highlight})
        self._reader.enable("table")
        for name in CONTAINERS:
            self._reader.use(container_plugin, name=name)

    def nodes(self, text: str, first_line: int) -> list[Node]:
        """Cut a text into its top-level pieces; `first_line` is where it begins in its file."""
        nodes: list[Node] = []
        group: list[Token] = []
        for token in self._reader.parse(text):
            group.append(token)
            if token.level == 0 and token.nesting != 1:
                nodes.append(_node(group, first_line))
                group = []
        return nodes

    def html(self, tokens: Sequence[Token]) -> str:
        """Render tokens, with headings inside a step one level down and asides as sections."""
        rendered: str = self._reader.renderer.render(
            [_restyled(token) for token in tokens], self._reader.options, {}
        )
        return rendered

    def inline(self, text: str) -> str:
        """Render a single line without a paragraph around it."""
        rendered: str = self._reader.renderInline(text)
        return rendered


def _node(group: list[Token], first_line: int) -> Node:
    head = group[0]
    line = first_line + (head.map[0] if head.map else 0)
    if head.type.startswith("container_"):
        name = head.type.removeprefix("container_").removesuffix("_open")
        if name in ASIDES:
            return Node("prose", tuple(group), line)
        words = head.info.strip().removeprefix(name).strip()
        return Node(name, tuple(group[1:-1]), line, words)
    if head.type == "fence":
        return Node("fence", (head,), line, head.info.strip())
    if head.type == "heading_open" and head.tag == "h2":
        return Node("step", (group[1],), line, group[1].content)
    if head.type == "paragraph_open" and group[1].content.startswith("{{drawing:"):
        return Node("drawing", (), line, group[1].content)
    return Node("prose", tuple(group), line)


def _restyled(token: Token) -> Token:
    if token.type.startswith("container_") and token.type.endswith("_open"):
        name = token.info.strip().split()[0]
        token.tag = "aside"
        token.attrSet("class", f"aside {name}")
        token.attrSet("data-label", ASIDES.get(name, ""))
    elif token.type.startswith("container_"):
        token.tag = "aside"
    return token
