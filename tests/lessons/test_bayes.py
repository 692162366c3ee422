"""Bayes: the reference against counting every person, and what its inputs must be."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sheetlab.errors import InputError
from sheetlab.lessons.bayes import Inputs, reference

SHARES = st.integers(1, 99).map(lambda percent: percent / 100)
INPUTS = st.builds(
    Inputs,
    prior=SHARES,
    sensitivity=SHARES,
    specificity=SHARES,
    people=st.integers(1, 10**6),
    result=st.lists(st.sampled_from("+−"), min_size=1, max_size=8).map(tuple),
)


@given(INPUTS)
def test_all_results_at_once_give_what_one_by_one_gives(inputs: Inputs) -> None:
    sick, healthy = Fraction(str(inputs.prior)), 1 - Fraction(str(inputs.prior))
    sensitivity, specificity = Fraction(str(inputs.sensitivity)), Fraction(str(inputs.specificity))
    for result in inputs.result:
        sick *= sensitivity if result == "+" else 1 - sensitivity
        healthy *= 1 - specificity if result == "+" else specificity
    expected = float(sick / (sick + healthy))
    assert reference(inputs)["posterior_now"][-1] == pytest.approx(expected, rel=1e-9)


@given(INPUTS)
def test_people_are_neither_lost_nor_found(inputs: Inputs) -> None:
    ours = reference(inputs)
    total = ours["all_positive"] + ours["all_negative"]
    np.testing.assert_allclose(total, inputs.people, rtol=1e-12)


@pytest.mark.parametrize(
    "given", [{"prior": 0}, {"sensitivity": 1}, {"result": ("yes",)}, {"people": 0.5}]
)
def test_what_cannot_be_is_refused(given: dict[str, object]) -> None:
    with pytest.raises(InputError):
        Inputs(**given)  # type: ignore[arg-type]
