"""A second opinion: the cells of random boards are what NumPy says, broadcast by named axes."""

import numpy as np
import pytest
from authoring.boards import written
from authoring.random_boards import NoRangeError, Plan, plans
from hypothesis import HealthCheck, given, settings

from sheetlab.authoring import AuthoringError


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(plans())
def test_every_cell_is_what_numpy_says(plan: Plan) -> None:
    try:
        expected = plan.arrays()
    except NoRangeError:
        with pytest.raises(AuthoringError):
            written(plan.declare, plan.inputs())
        return
    board = written(plan.declare, plan.inputs())
    book = board.book().values()
    for quantity in plan.quantities:
        cells = board.cells(quantity.name)
        found = np.array([book["Data", ref] for ref in cells], dtype=float)
        formula = "given" if quantity.expression is None else quantity.expression.text()
        np.testing.assert_allclose(
            found, expected[quantity.name].ravel(), rtol=1e-9, err_msg=f"{quantity.name} {formula}"
        )
