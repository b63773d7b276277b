"""What was used lately stays, the rest goes, and there is never more than there is room for."""

from hypothesis import given
from hypothesis import strategies as st

from weavelet.engine.recent import Recent


def test_what_is_used_again_and_again_stays() -> None:
    recent: Recent[int, str] = Recent(20)
    recent.put(0, "kept", 1)
    for key in range(1, 200):
        recent.put(key, "passing", 1)
        assert recent.get(0) == "kept"


def test_what_was_not_used_for_long_goes() -> None:
    recent: Recent[int, str] = Recent(20)
    for key in range(100):
        recent.put(key, str(key), 1)
    assert recent.get(0) is None
    assert recent.get(79) is None
    assert recent.get(99) == "99"


def test_what_is_too_heavy_is_not_kept_and_drives_nothing_out() -> None:
    recent: Recent[int, str] = Recent(20)
    recent.put(1, "light", 1)
    recent.put(2, "heavy", 11)
    assert recent.get(2) is None
    assert recent.get(1) == "light"


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(1, 30), st.booleans()), max_size=200))
def test_an_entry_is_the_last_that_was_put_or_none(steps: list[tuple[int, int, bool]]) -> None:
    recent: Recent[int, int] = Recent(40)
    last: dict[int, int] = {}
    for key, weight, put in steps:
        if put:
            last[key] = weight
            recent.put(key, weight, weight)
            assert recent.get(key) == (weight if weight <= 20 else None)
        assert recent.get(key) in (None, last.get(key))
