"""The draw of statements to be read by eye: every sentence in one half, the order from the seed alone."""

from tests.eval.precision_draw import HALVES, drawn

TEXTS = [f"Ingrid Solberg a annoncé que le pont {number} rouvrirait." for number in range(40)]


def test_every_statement_is_in_one_half() -> None:
    halves = [set(drawn(TEXTS, half, seed=1)["sentence"]) for half in HALVES]
    assert all(halves)
    assert not halves[0] & halves[1]
    assert halves[0] | halves[1] == set(TEXTS)


def test_the_seed_alone_gives_the_order() -> None:
    order = drawn(TEXTS, "clean", seed=1)["sentence"].to_list()
    assert drawn(TEXTS[::-1], "clean", seed=1)["sentence"].to_list() == order
    assert drawn(TEXTS, "clean", seed=2)["sentence"].to_list() != order
