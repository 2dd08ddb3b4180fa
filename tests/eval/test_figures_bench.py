"""The public number tests stay read."""

import warnings

import pytest

from tests.eval.figures_bench import BENCH, evaluate

FLOORS = {"read": 0.9, "value": 0.95, "value_and_unit": 0.95}
SPURIOUS = 0.03


def test_public_numbers() -> None:
    if not BENCH.exists():
        warnings.warn(f"the public number tests are not here ({BENCH}): nothing was measured", stacklevel=1)
        pytest.skip(f"no {BENCH}")
    measures, errors = evaluate(BENCH)
    shares = {name: hits / of for name, (hits, of) in measures.items()}
    assert {name: shares[name] >= floor for name, floor in FLOORS.items()} == dict.fromkeys(FLOORS, True), errors
    assert shares["spurious"] <= SPURIOUS, errors
