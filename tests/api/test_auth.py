"""Who asks, and what they may do."""

import pytest

from weavelet.api import auth
from weavelet.api.auth import ANONYMOUS, Principal, Verb
from weavelet.errors import Forbidden, Unauthenticated
from weavelet.settings import Settings

KEYS = {
    "AUTHENTICATION_APIKEY_ENABLED": "true",
    "AUTHENTICATION_APIKEY_ALLOWED_KEYS": "one,two",
    "AUTHENTICATION_APIKEY_USERS": "ada,bob",
}
ADMIN_LIST = {
    "AUTHORIZATION_ADMINLIST_ENABLED": "true",
    "AUTHORIZATION_ADMINLIST_USERS": "ada",
    "AUTHORIZATION_ADMINLIST_READONLY_USERS": "bob",
}


def _settings(**variables: str) -> Settings:
    return Settings.model_validate(variables)


@pytest.mark.parametrize(
    ("header", "token"),
    [
        (None, None),
        ("", None),
        ("Bearer one", "one"),
        ("bearer one", None),
        ("Basic one", None),
        ("one", None),
    ],
)
def test_only_bearer_tokens_count_as_credentials(header: str | None, token: str | None) -> None:
    assert auth.bearer(header) == token


def test_a_key_names_its_user() -> None:
    authenticator = auth.authenticator(_settings(**KEYS))
    assert authenticator.identify("one") == Principal("ada")
    assert authenticator.identify("two") == Principal("bob")


def test_one_user_may_hold_every_key() -> None:
    authenticator = auth.authenticator(_settings(**{**KEYS, "AUTHENTICATION_APIKEY_USERS": "ada"}))
    assert authenticator.identify("two") == Principal("ada")


@pytest.mark.parametrize("token", ["three", "", "one,two", "onetwo", "ключ"])
def test_a_wrong_key_is_refused(token: str) -> None:
    with pytest.raises(Unauthenticated, match="invalid api key"):
        auth.authenticator(_settings(**KEYS)).identify(token)


def test_a_wrong_key_is_refused_though_anonymous_callers_are_welcome() -> None:
    authenticator = auth.authenticator(_settings(**KEYS, AUTHENTICATION_ANONYMOUS_ACCESS_ENABLED="true"))
    assert authenticator.identify(None) is ANONYMOUS
    with pytest.raises(Unauthenticated, match="invalid api key"):
        authenticator.identify("three")


def test_without_a_key_the_ways_to_authenticate_are_named() -> None:
    with pytest.raises(Unauthenticated, match=r"available methods: \[API-keys\]"):
        auth.authenticator(_settings(**KEYS)).identify(None)


def test_a_key_is_refused_where_no_keys_are_configured() -> None:
    authenticator = auth.authenticator(_settings())
    assert authenticator.identify(None) is ANONYMOUS
    with pytest.raises(Unauthenticated, match="no authentication scheme is configured"):
        authenticator.identify("one")


def test_the_admin_list_lets_readers_read_and_nobody_else_in() -> None:
    guard = auth.guard(_settings(**ADMIN_LIST))
    read, write = auth.data(Verb.READ, "Dish"), auth.data(Verb.DELETE, "Dish", "t", "1")
    auth.check(guard, Principal("ada"), write)
    auth.check(guard, Principal("bob"), read)
    for principal, action in [(Principal("bob"), write), (Principal("eve"), read), (ANONYMOUS, read)]:
        with pytest.raises(Forbidden):
            auth.check(guard, principal, action)


@pytest.mark.parametrize(
    ("action", "text"),
    [
        (auth.collections(Verb.CREATE, "New"), "create_collections [[Domain: collections, Collection: New]]"),
        (auth.data(Verb.READ), "read_data [[Domain: data, Collection: *, Tenant: *, Object: *]]"),
        (auth.tenants(Verb.READ, "C"), "read_tenants [[Domain: tenants, Collection: C, Tenant: *]]"),
        (auth.aliases(Verb.CREATE, "C", "A"), "create_aliases [[Domain: aliases, Collection: C, Alias: A]]"),
        (auth.nodes("minimal"), "read_nodes [[Domain: nodes, Verbosity: minimal]]"),
        (auth.cluster(), "read_cluster []"),
    ],
    ids=["collections", "data", "tenants", "aliases", "nodes", "cluster"],
)
def test_a_refusal_says_what_was_missing(action: auth.Action, text: str) -> None:
    with pytest.raises(Forbidden) as caught:
        auth.check(auth.guard(_settings(**ADMIN_LIST)), Principal("eve"), action)
    assert str(caught.value) == (f"authorization, forbidden action: user 'eve' has insufficient permissions to {text}")


def test_where_roles_are_asked_for_only_root_is_let_in() -> None:
    guard = auth.guard(_settings(AUTHORIZATION_RBAC_ENABLED="true", AUTHORIZATION_RBAC_ROOT_USERS="ada"))

    auth.check(guard, Principal("ada"), auth.data(Verb.DELETE))
    with pytest.raises(Forbidden, match="rbac: authorization, forbidden action: user 'bob'"):
        auth.check(guard, Principal("bob"), auth.data(Verb.READ))


def test_everybody_may_do_everything_unless_told_otherwise() -> None:
    auth.check(auth.guard(_settings()), ANONYMOUS, auth.data(Verb.DELETE))
