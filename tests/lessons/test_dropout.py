"""Dropout and early stopping: what theory and a library's rule say, and refused inputs."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from sheetlab.errors import InputError
from sheetlab.lessons.dropout import Inputs, reference

HUNDREDTHS = st.integers(0, 99).map(lambda hundredths: hundredths / 100)
VALUES = st.integers(-90, 90).map(lambda tenths: tenths / 10)
LOSSES = st.integers(0, 30).map(lambda tenths: tenths / 10)


@st.composite
def draws_and_losses(draw: st.DrawFn) -> Inputs:
    def values(one: st.SearchStrategy[float], count: int) -> tuple[float, ...]:
        return tuple(draw(st.lists(one, min_size=count, max_size=count)))

    units, epochs = draw(st.integers(1, 8)), draw(st.integers(2, 30))
    return Inputs(
        rate=draw(st.integers(0, 95)) / 100,
        hidden=values(VALUES, units),
        outgoing=values(VALUES, units),
        uniform=values(HUNDREDTHS, units * draw(st.integers(1, 20))),
        patience=draw(st.integers(1, 12)),
        training_loss=values(LOSSES, epochs),
        validation_loss=values(LOSSES, epochs),
    )


INPUTS = draws_and_losses()


@given(
    st.lists(st.tuples(VALUES, VALUES), min_size=1, max_size=6),
    st.integers(0, 90).map(lambda percent: percent / 100),
)
def test_over_all_masks_the_mean_is_kept_and_the_spread_is_that_of_theory(
    units: list[tuple[float, float]], rate: float
) -> None:
    hidden, outgoing = zip(*units, strict=True)
    masks = np.array(list(product((0, 1), repeat=len(units))))
    ours = reference(
        Inputs(
            rate=rate,
            hidden=hidden,
            outgoing=outgoing,
            uniform=tuple(np.where(masks == 1, 0.99, 0).ravel()),
        )
    )
    # At rate 0 nothing is below it; the masks of dropped units then have no probability.
    probability = stats.binom.pmf(masks, 1, 1 - rate).prod(axis=1)
    chosen = probability > 0
    np.testing.assert_array_equal(ours["mask"][chosen], masks[chosen])
    mean = probability @ ours["z"]
    np.testing.assert_allclose(mean, ours["full"][0], atol=1e-9)
    spread = np.sqrt(probability @ (ours["z"] - mean) ** 2)
    np.testing.assert_allclose(spread, ours["noise"][0], atol=1e-6)


@given(INPUTS)
def test_a_training_loop_stops_and_takes_the_same(inputs: Inputs) -> None:
    ours = reference(inputs)
    best, best_epoch, waited, epoch = np.inf, 0, 0, 0
    for epoch, loss in enumerate(inputs.validation_loss, 1):
        if loss < best:
            best, best_epoch, waited = loss, epoch, 0
        else:
            waited += 1
        assert ours["waited"][epoch - 1] == waited
        if waited >= inputs.patience:
            break
    assert ours["stop_epoch"] == epoch
    assert ours["taken_epoch"] == best_epoch
    assert ours["taken_loss"] == best


@given(INPUTS)
def test_the_mean_of_the_sums_is_the_sum_of_the_means(inputs: Inputs) -> None:
    ours = reference(inputs)
    np.testing.assert_allclose(
        ours["mean_z"][-1], ours["mean_dropped"] @ inputs.outgoing, atol=1e-8
    )
    np.testing.assert_allclose(ours["unscaled"], ours["mean_z"] * (1 - inputs.rate))


def test_the_example_by_hand() -> None:
    ours = reference(Inputs())
    # 0.81 is the only number of the first step that is not below 0.5.
    assert ours["dropped"][0].tolist() == [0, 0, 0, 0, 2, 0]
    assert ours["z"][0] == 6
    assert ours["full"] == 17
    assert ours["taken_epoch"] == 12
    assert ours["stop_epoch"] == 15


@pytest.mark.parametrize(
    "settings",
    [
        {"rate": 1},
        {"rate": -0.1},
        {"hidden": [1, 2]},
        {"hidden": [1] * 9, "outgoing": [1] * 9},
        {"uniform": [0.5] * 7},
        {"uniform": [1] * 6},
        {"patience": 0},
        {"patience": 1.5},
        {"training_loss": [1, 2, 3]},
        {"validation_loss": [-1, 2]},
    ],
)
def test_unusable_inputs_are_refused(settings: dict[str, object]) -> None:
    with pytest.raises(InputError):
        Inputs().change(settings)
