"""Terms of texts, by every tokenization; stop words; accents; and what the tokenize endpoints answer."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.engine.golden import cases
from weavelet.engine.folding import fold
from weavelet.engine.tokenize import lowered, query_terms, stopwords, terms, tokenized, tokenized_for
from weavelet.errors import InvalidInput
from weavelet.schema.collection import InvertedIndex, Property, Stopwords, TextAnalyzer
from weavelet.schema.datatypes import DataType, Tokenization

TEXT = "Don't STOP-me, Ünïcode_42 x"
parts = str.split
EXPECTED = {
    Tokenization.WORD: parts("don t stop me ünïcode 42 x"),
    Tokenization.LOWERCASE: parts("don't stop-me, ünïcode_42 x"),
    Tokenization.WHITESPACE: parts(TEXT),
    Tokenization.FIELD: [TEXT],
    Tokenization.TRIGRAM: parts("don ont nts tst sto top opm pme meü eün ünï nïc ïco cod ode de4 e42 42x"),
}
ENDPOINT = [
    case
    for case in cases("misc")
    if case["request"]["path"] == "/v1/tokenize"
    and isinstance(case["request"].get("body", {}).get("text"), str)
    and case["request"]["body"].get("tokenization") in set(Tokenization)
]


def text_property(tokenization: Tokenization = Tokenization.WORD, analyzer: TextAnalyzer | None = None) -> Property:
    return Property(name="p", type=DataType.TEXT, tokenization=tokenization, searchable=True, analyzer=analyzer)


@pytest.mark.parametrize("tokenization", EXPECTED)
def test_each_tokenization_splits_in_its_own_way(tokenization: Tokenization) -> None:
    assert terms(TEXT, tokenization) == EXPECTED[tokenization]


@pytest.mark.parametrize(
    ("text", "tokenization", "expected"),
    [
        ("", Tokenization.WORD, []),
        ("", Tokenization.FIELD, [""]),
        ("  padded  ", Tokenization.FIELD, ["padded"]),
        ("ab", Tokenization.TRIGRAM, []),
        ("a\u00a0b\u3000c\x85d", Tokenization.WHITESPACE, ["a", "b", "c", "d"]),
        ("a\x1cb c", Tokenization.WHITESPACE, ["a\x1cb", "c"]),
        ("\x1f a \x1f", Tokenization.FIELD, ["\x1f a \x1f"]),
        ("ΣΊΣΥΦΟΣ İstanbul", Tokenization.LOWERCASE, ["σίσυφοσ", "istanbul"]),
        ("x² ½ Ⅻ", Tokenization.WORD, ["x²", "½", "ⅻ"]),
    ],
)
def test_corners_of_splitting(text: str, tokenization: Tokenization, expected: list[str]) -> None:
    assert terms(text, tokenization) == expected


@pytest.mark.parametrize(
    ("text", "tokenization", "expected"),
    [
        ("Hot* s?up-x", Tokenization.WORD, ["hot*", "s?up", "x"]),
        ("*o* *o*", Tokenization.TRIGRAM, ["*o*", "o**", "**o", "*o*"]),
        ("Hot* s?up", Tokenization.LOWERCASE, ["hot*", "s?up"]),
        ("Hot* s?up", Tokenization.FIELD, ["Hot* s?up"]),
    ],
)
def test_wildcards_stay_part_of_terms_when_asked(text: str, tokenization: Tokenization, expected: list[str]) -> None:
    assert terms(text, tokenization, wildcard=True) == expected


@given(st.text(max_size=40))
def test_lower_casing_maps_characters_one_to_one(text: str) -> None:
    assert len(lowered(text)) == len(text)


@given(st.text(st.characters(max_codepoint=0x24F), max_size=40))
def test_words_of_ascii_and_other_texts_follow_one_rule(text: str) -> None:
    separated = "".join(character if character.isalnum() else " " for character in text)
    assert terms(text, Tokenization.WORD) == [word for word in lowered(separated).split(" ") if word]


@pytest.mark.parametrize("tokenization", [Tokenization.GSE, Tokenization.KAGOME_JA])
def test_tokenizers_with_dictionaries_name_their_switch(tokenization: Tokenization) -> None:
    with pytest.raises(InvalidInput, match=f"ENABLE_TOKENIZER_{tokenization.upper()}"):
        terms("x", tokenization)


# --- Accents ---


@pytest.mark.parametrize(
    ("text", "ignore", "expected"),
    [
        ("crème brûlée Ünïcode", (), "creme brulee Unicode"),
        ("crème brûlée ÉTÉ été", ("é",), "creme brulée ÉTÉ été"),
        ("Łódź, straße, Ærø, þorn, ǿ, ﬁn", (), "Lodz, strasse, AEro, thorn, o, fin"),
        ("re\u0301sume\u0301", (), "resume"),
        ("naïve", ("i\u0308",), "naïve"),
    ],
)
def test_accents_fold_away_unless_ignored(text: str, ignore: tuple[str, ...], expected: str) -> None:
    assert fold(text, ignore) == expected


def test_folding_comes_before_splitting() -> None:
    assert terms("Crème-Brûlée", Tokenization.WORD, TextAnalyzer(ascii_fold=True)) == ["creme", "brulee"]


# --- Stop words ---


def test_stop_words_are_left_out_of_queries_on_word_properties_only() -> None:
    inverted = InvertedIndex()
    assert query_terms("The hot soup", text_property(), inverted) == ["hot", "soup"]
    assert query_terms("the hot soup", text_property(Tokenization.LOWERCASE), inverted) == ["the", "hot", "soup"]


def test_stop_words_are_a_preset_with_additions_and_removals() -> None:
    inverted = InvertedIndex(stopwords=Stopwords("en", ("soup",), ("the",)))
    assert query_terms("the soup of", text_property(), inverted) == ["the"]


def test_a_property_can_name_its_own_preset() -> None:
    inverted = InvertedIndex(stopword_presets={"fr": ("le", "la"), "en": ("hot",)})
    french = text_property(Tokenization.LOWERCASE, TextAnalyzer(stopword_preset="fr"))
    assert query_terms("le hot soup the", french, inverted) == ["hot", "soup", "the"]
    assert stopwords(inverted, text_property()) == {"hot"}


# --- Endpoints ---


@pytest.mark.parametrize("case", ENDPOINT, ids=lambda case: case["name"][:60])
def test_the_tokenize_endpoint_answers_as_recorded(case: dict[str, Any]) -> None:
    body = case["request"]["body"]
    config, words, presets = body.get("analyzerConfig", {}), body.get("stopwords"), body.get("stopwordPresets")
    analyzer = TextAnalyzer(
        config.get("asciiFold", False), tuple(config.get("asciiFoldIgnore", ())), config.get("stopwordPreset")
    )
    own = (
        None
        if words is None
        else Stopwords(words.get("preset", "en"), tuple(words.get("additions", ())), tuple(words.get("removals", ())))
    )
    named = None if presets is None else {name: tuple(listed) for name, listed in presets.items()}
    try:
        found = tokenized(body["text"], Tokenization(body["tokenization"]), analyzer, own, named)
        answer: dict[str, Any] = {"indexed": found.indexed, "query": found.query}
    except InvalidInput as error:
        answer = {"error": [{"message": str(error)}]}
    assert answer == case["response"]["body"]


def test_tokenizing_for_a_property_uses_its_definition() -> None:
    found = tokenized_for("The hot Soup", text_property(), InvertedIndex(stopwords=Stopwords("en", ("soup",))))
    assert (found.indexed, found.query) == (["the", "hot", "soup"], ["hot"])
    with pytest.raises(InvalidInput, match="tokenization is not enabled for this property"):
        tokenized_for("5", Property(name="n", type=DataType.INT), InvertedIndex())
