"""The expectations of Great Expectations that the suites use, at half their fixed cost.

While it validates, GX asks an expectation some seventy times for its configuration, and the expectation builds it anew
each time although neither changes: half of the time that a suite takes on small tables. These subclasses build it
once. Importing this module imports Great Expectations, which takes seconds.
"""

from __future__ import annotations

from great_expectations.compatibility.pydantic import PrivateAttr
from great_expectations.expectations.core.expect_column_max_to_be_between import ExpectColumnMaxToBeBetween
from great_expectations.expectations.core.expect_column_values_to_be_in_set import ExpectColumnValuesToBeInSet
from great_expectations.expectations.core.expect_column_values_to_be_unique import ExpectColumnValuesToBeUnique
from great_expectations.expectations.core.expect_column_values_to_not_be_null import ExpectColumnValuesToNotBeNull
from great_expectations.expectations.core.expect_compound_columns_to_be_unique import ExpectCompoundColumnsToBeUnique
from great_expectations.expectations.expectation import Expectation
from great_expectations.expectations.expectation_configuration import ExpectationConfiguration


class _Frugal(Expectation):
    _built: ExpectationConfiguration | None = PrivateAttr(None)

    @property
    def configuration(self) -> ExpectationConfiguration:
        if self._built is None:
            self._built = super().configuration
        return self._built


class ExpectFilled(_Frugal, ExpectColumnValuesToNotBeNull):
    """No value of the column is null."""


class ExpectOneOf(_Frugal, ExpectColumnValuesToBeInSet):
    """Every value of the column, nulls aside, is one of a set."""


class ExpectUnique(_Frugal, ExpectColumnValuesToBeUnique):
    """No two values of the column are the same."""


class ExpectUniqueTogether(_Frugal, ExpectCompoundColumnsToBeUnique):
    """No two rows have the same values in all of the columns."""


class ExpectAtMost(_Frugal, ExpectColumnMaxToBeBetween):
    """No value of the column exceeds a maximum."""
