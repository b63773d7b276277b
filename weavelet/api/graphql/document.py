"""GraphQL text to a syntax tree, and the texts of syntax errors.

The grammar is graphql-core's. One thing is added for speed: a list literal of many plain numbers (a vector) becomes a
single `NumbersNode` instead of one node per number, which is what parsing, and every validation rule after it, would
otherwise spend its time on. Imports nothing of ours.
"""

import re

from graphql import (
    DocumentNode,
    FloatValueNode,
    GraphQLError,
    GraphQLSyntaxError,
    ListValueNode,
    Source,
    Token,
    TokenKind,
)
from graphql.language.parser import Parser

_MANY = 16
"""Shorter lists are left to the grammar: they cost little, and may be lists of something else than a vector."""

_NUMBER = r"-?\d[\d.eE+-]*"
_NUMBERS = re.compile(rf"\[[\s,]*(?:{_NUMBER}[\s,]+){{{_MANY - 1},}}{_NUMBER}[\s,]*\]")
_STRING = re.compile(r'"(?:[^"\\\n\r]|\\[^\n\r])*"')
_WHOLE = re.compile(r"[\s,\d\[\]-]*")
_IGNORED = re.compile(r"(?:[\s,\ufeff]|#[^\n\r]*)*")
_CHARACTER = re.compile(r'(?:Invalid|Unexpected) character: (?:U\+([0-9A-F]+)|["\'](.)["\'])')


class NumbersNode(FloatValueNode):
    """A list literal of numbers. `numbers` has their texts; `value` is how the list is written."""

    numbers: tuple[str, ...] = ()


NumbersNode.kind = FloatValueNode.kind


class _Parser(Parser):
    def parse_list(self, is_const: bool) -> ListValueNode:
        node = self._numbers()
        return super().parse_list(is_const) if node is None else node  # type: ignore[return-value]

    def _numbers(self) -> NumbersNode | None:
        lexer = self._lexer
        start = lexer.token
        body = lexer.source.body
        found = _NUMBERS.match(body, start.start)
        if found is None:
            return None
        numbers = tuple(found.group()[1:-1].replace(",", " ").split())
        if not all(map(_is_number, numbers)):
            return None
        self._skip_to(start, found.end(), body)
        node = NumbersNode(value=f"[{', '.join(numbers)}]", loc=self.loc(start))
        node.numbers = numbers
        return node

    def _skip_to(self, start: Token, end: int, body: str) -> None:
        """Go on behind the bracket that closes the list, keeping count of lines."""
        lexer = self._lexer
        if lines := body.count("\n", start.start, end):
            lexer.line += lines
            lexer.line_start = body.rindex("\n", start.start, end) + 1
        closing = Token(TokenKind.BRACKET_R, end - 1, end, lexer.line, end - lexer.line_start)
        start.next, closing.prev = closing, start
        lexer.token = closing
        self.advance_lexer()


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def is_blank(query: str) -> bool:
    """Whether there is nothing but white space, commas and comments."""
    found = _IGNORED.match(query)
    return found is not None and found.end() == len(query)


def outline(query: str) -> str:
    """What a query's validity depends on: its text without what strings say, and with one number for many.

    A match never reaches beyond a line, so one that begins in a comment stays there; block strings do, and are kept.
    """
    bare = query if '"""' in query else _STRING.sub('""', query)
    return _NUMBERS.sub(lambda found: "[0]" if _WHOLE.fullmatch(found.group()) else "[0.5]", bare)


def parse_document(query: str) -> DocumentNode:
    """The syntax tree. Raises `GraphQLError` with the text and the place of the first syntax error."""
    source = Source(query)
    try:
        return _Parser(source, allow_empty_selection_sets=False).parse_document()
    except GraphQLSyntaxError as error:
        raise _reworded(error, source) from None
    except RecursionError:
        raise GraphQLError("Syntax Error GraphQL request (1:1) Document is nested too deeply") from None


def _reworded(error: GraphQLSyntaxError, source: Source) -> GraphQLError:
    """The same error in the words of the original's parser, with the line it is in and a mark below it."""
    position = next(iter(error.positions or ()), 0)
    description = _description(error.message.removeprefix("Syntax Error: "))
    empty = _empty_brackets(error.message, source.body, position)
    if empty is not None:
        position, description = empty
    place = source.get_location(position)
    text = f"Syntax Error GraphQL request ({place.line}:{place.column}) {description}\n\n"
    return GraphQLError(text + _excerpt(source.body, place.line, place.column), source=source, positions=[position])


def _description(message: str) -> str:
    if found := _CHARACTER.match(message):
        code, character = found.groups()
        return f'Unexpected character "{character or chr(92) * 2 + "u" + code}".'
    text = message.replace("<EOF>", "EOF")
    text = re.sub(r"(found|Unexpected|Expected) '([^\w'][^']*)'", r"\1 \2", text)
    text = text.replace("'", '"')
    return text.removesuffix(".") if text.startswith(("Expected", "Unexpected")) else text


def _empty_brackets(message: str, body: str, position: int) -> tuple[int, str] | None:
    """`{}` and `()` are reported at the opening bracket."""
    closing = body[position : position + 1]
    opening = {"}": "{", ")": "("}.get(closing)
    before = body[:position].rstrip(" \t\r\n,")
    if opening is None or "Expected Name" not in message or not before.endswith(opening):
        return None
    return len(before) - 1, f"Unexpected empty IN {opening}{closing}"


def _excerpt(body: str, line: int, column: int) -> str:
    lines = re.split(r"\r\n|[\n\r]", body)
    width = len(str(line + 1))
    shown = [f"{number:>{width}}: {lines[number - 1]}" for number in (line - 1, line) if number > 0]
    shown.append(" " * (width + 1 + column) + "^")
    if line < len(lines):
        shown.append(f"{line + 1:>{width}}: {lines[line]}")
    return "\n".join(shown) + "\n"
