import pytest
from graphql import GraphQLError, ListValueNode, parse, print_ast

from weavelet.api.graphql.document import NumbersNode, is_blank, outline, parse_document

SYNTAX_ERRORS = {
    "only a brace": ("{", "Syntax Error GraphQL request (1:2) Expected Name, found EOF\n\n1: {\n    ^\n", (1, 2)),
    "unclosed": (
        "{ Get { Agg { t ",
        f"Syntax Error GraphQL request (1:17) Expected Name, found EOF\n\n1: {{ Get {{ Agg {{ t \n{' ' * 19}^\n",
        (1, 17),
    ),
    "stray brace": (
        "{Get{Agg{t}}}}",
        f"Syntax Error GraphQL request (1:14) Unexpected }}\n\n1: {{Get{{Agg{{t}}}}}}}}\n{' ' * 16}^\n",
        (1, 14),
    ),
    "empty selection": (
        "{Get{}}",
        "Syntax Error GraphQL request (1:5) Unexpected empty IN {}\n\n1: {Get{}}\n       ^\n",
        (1, 5),
    ),
    "no such character": (
        "{Get{Agg{t §}}}",
        'Syntax Error GraphQL request (1:12) Unexpected character "\\\\u00A7".\n\n'
        f"1: {{Get{{Agg{{t §}}}}}}\n{' ' * 14}^\n",
        (1, 12),
    ),
    "with lines around": (
        "{\n a\n ?b\n}",
        'Syntax Error GraphQL request (3:2) Unexpected character "?".\n\n2:  a\n3:  ?b\n    ^\n4: }\n',
        (3, 2),
    ),
}


@pytest.mark.parametrize(("query", "text", "place"), SYNTAX_ERRORS.values(), ids=SYNTAX_ERRORS.keys())
def test_syntax_errors_show_the_line_and_mark_the_place(query: str, text: str, place: tuple[int, int]) -> None:
    with pytest.raises(GraphQLError) as caught:
        parse_document(query)
    assert caught.value.message == text
    assert [(location.line, location.column) for location in caught.value.locations or ()] == [place]


@pytest.mark.parametrize("query", ["", "  ", " ,\n# only this\n", "\ufeff"])
def test_nothing_but_comments_is_blank(query: str) -> None:
    assert is_blank(query)


def test_a_field_is_not_blank() -> None:
    assert not is_blank(" # x\n {a}")


def numbers(count: int, separator: str = ",") -> str:
    return separator.join(f"{number / 7:.6f}" for number in range(-3, count - 3))


@pytest.mark.parametrize("separator", [",", ", ", " ", "\n", ",\n  "], ids=repr)
def test_a_long_list_of_numbers_is_one_node_that_prints_like_the_list(separator: str) -> None:
    query = f"{{ a(v: {{ x: [{numbers(40, separator)}] }}, w: 1) {{ b }} }}"
    document = parse_document(query)
    assert _words(print_ast(document)) == _words(print_ast(parse(query)))
    assert _first_value(document).numbers == tuple(numbers(40).split(","))


def test_places_behind_a_long_list_are_counted_right() -> None:
    query = "{{ a(v: [{}]) {{ § }} }}".format(numbers(40, ",\n"))
    with pytest.raises(GraphQLError) as caught:
        parse_document(query)
    with pytest.raises(GraphQLError) as plain:
        parse(query)
    assert caught.value.locations == plain.value.locations


def test_queries_that_differ_in_their_vectors_have_one_outline() -> None:
    first, second = (f"{{Get{{A(nearVector:{{vector:[{numbers(count)}]}}){{t}}}}}}" for count in (20, 30))
    assert outline(first) == outline(second) == "{Get{A(nearVector:{vector:[0.5]}){t}}}"


def test_queries_that_differ_in_their_texts_have_one_outline() -> None:
    first, second = (f'{{Get{{A(bm25:{{query:"{text}"}}){{t}}}}}}' for text in ("soup", 'a \\" {b} # c'))
    assert outline(first) == outline(second) == '{Get{A(bm25:{query:""}){t}}}'


@pytest.mark.parametrize(
    "query",
    ['{a # "\n b # "\n}', '{a # """\n b # """\n}', '{a(x:"""\n y """) b}'],
    ids=["quotes in comments", "block quotes in comments", "block string"],
)
def test_fields_between_quotes_stay_in_the_outline(query: str) -> None:
    assert outline(query) == query


def test_whole_numbers_have_another_outline() -> None:
    assert outline(f"[{list(range(-3, 20))}]") == "[[0]]"
    assert outline("[1, 2]") == "[1, 2]"


@pytest.mark.parametrize(
    "values",
    ["1, 2, 3", '"a", "b"', numbers(30) + ', "x"', numbers(30) + ", 1.2.3"],
    ids=["short", "texts", "mixed", "bad"],
)
def test_other_lists_are_left_to_the_grammar(values: str) -> None:
    query = f"{{ a(v: {{ x: [{values}] }}) {{ b }} }}"
    if "1.2.3" in values:
        with pytest.raises(GraphQLError, match="Invalid number"):
            parse_document(query)
    else:
        assert isinstance(_first_value(parse_document(query)), ListValueNode)


def _words(text: str) -> list[str]:
    return text.replace(",", " ").replace("[", " [ ").replace("]", " ] ").split()


def _first_value(document: object) -> NumbersNode:
    field = document.definitions[0].selection_set.selections[0]  # type: ignore[attr-defined]
    return field.arguments[0].value.fields[0].value  # type: ignore[no-any-return]
