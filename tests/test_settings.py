"""Settings: Weaviate's variables, read Weaviate's way."""

import pytest
from pydantic import ValidationError

from weavelet.settings import Settings, duration_seconds


@pytest.mark.parametrize(
    ("text", "expected"), [("true", True), ("On", True), ("ENABLED", True), ("1", True), ("yes", False), ("0", False)]
)
def test_a_flag_is_true_for_four_words_only(monkeypatch: pytest.MonkeyPatch, text: str, expected: bool) -> None:
    monkeypatch.setenv("ASYNC_INDEXING", text)
    assert Settings().async_indexing is expected


@pytest.mark.parametrize(("text", "expected"), [("false", False), ("FALSE", False), ("0", True), ("no", True)])
def test_auto_schema_is_off_for_the_word_false_only(monkeypatch: pytest.MonkeyPatch, text: str, expected: bool) -> None:
    monkeypatch.setenv("AUTOSCHEMA_ENABLED", text)
    assert Settings().auto_schema is expected


def test_lists_are_separated_by_commas_and_trimmed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENABLE_MODULES", "text2vec-transformers, reranker-transformers,")
    assert Settings().enable_modules == ("text2vec-transformers", "reranker-transformers")


def test_what_is_given_wins_over_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRPC_PORT", "1234")
    assert Settings(grpc_port=0).grpc_port == 0


@pytest.mark.parametrize(("text", "seconds"), [("50s", 50), ("1m30s", 90), ("500ms", 0.5), ("1.5h", 5400)])
def test_durations_are_written_the_go_way(text: str, seconds: float) -> None:
    assert duration_seconds(text) == seconds


@pytest.mark.parametrize("text", ["", "50", "s", "1 m", "fast"])
def test_a_duration_without_a_unit_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match="1m30s"):
        duration_seconds(text)


def test_anonymous_access_is_on_only_while_nothing_else_is() -> None:
    assert Settings().anonymous_allowed
    keys = {"apikey_enabled": True, "apikey_keys": "k", "apikey_users": "u"}
    assert not Settings(**keys).anonymous_allowed
    assert Settings(**keys, anonymous_access=True).anonymous_allowed


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param({"apikey_keys": "", "apikey_users": "u"}, id="no key"),
        pytest.param({"apikey_keys": "a,a", "apikey_users": "u"}, id="a key twice"),
        pytest.param({"apikey_keys": "a,b,c", "apikey_users": "u,v"}, id="more keys than users"),
    ],
)
def test_keys_that_do_not_fit_their_users_stop_the_start(wrong: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        Settings(apikey_enabled=True, **wrong)


def test_keys_are_not_shown() -> None:
    shown = repr(Settings(apikey_enabled=True, apikey_keys="a-secret-key", apikey_users="u"))
    assert "a-secret-key" not in shown
