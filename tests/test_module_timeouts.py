"""Time limits of single modules, from variables to modules."""

import pytest
from pydantic import ValidationError

from weavelet.settings import Settings


def given(**environment: str) -> Settings:
    return Settings.model_validate({"environment": environment})


def test_a_variable_with_a_modules_name_is_its_limit() -> None:
    settings = given(
        MODULES_CLIENT_TIMEOUT_RERANKER_COHERE="1m30s",
        MODULES_CLIENT_TIMEOUT_TEXT2VEC_OLLAMA="500ms",
        MODULES_CLIENT_TIMEOUT_RERANKER_DUMMY="",
        OTHER="x",
    )
    assert settings.module_timeouts == {
        "MODULES_CLIENT_TIMEOUT_RERANKER_COHERE": 90.0,
        "MODULES_CLIENT_TIMEOUT_TEXT2VEC_OLLAMA": 0.5,
    }


@pytest.mark.parametrize(("text", "problem"), [("soon", "'soon' is not a duration"), ("0s", "longer than nothing")])
def test_what_is_no_duration_is_refused(text: str, problem: str) -> None:
    with pytest.raises(ValidationError, match=problem):
        given(MODULES_CLIENT_TIMEOUT_RERANKER_COHERE=text)
