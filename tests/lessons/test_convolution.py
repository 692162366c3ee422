"""Convolution: the reference against SciPy, and what its inputs must be."""

from functools import partial
from math import isqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import signal

from sheetlab.errors import InputError
from sheetlab.lessons.convolution import FILTERS, Inputs, reference

PIXELS = st.integers(0, 9) | st.integers(0, 255)
WEIGHTS = st.integers(-9, 9).map(float) | st.integers(-30, 30).map(lambda tenths: tenths / 10)


@st.composite
def pictures_and_kernels(draw: st.DrawFn) -> Inputs:
    def values(one: st.SearchStrategy[float], count: int) -> tuple[float, ...]:
        return tuple(draw(st.lists(one, min_size=count, max_size=count)))

    side = draw(st.integers(3, 9))
    return Inputs(
        chosen_row=draw(st.integers(1, 3)),
        chosen_col=draw(st.integers(1, 3)),
        small=values(PIXELS, 16),
        kernel=values(WEIGHTS, 4),
        profile_row=draw(st.integers(2, side - 1)),
        picture=values(PIXELS, side**2),
        **{f"{name}_kernel": values(WEIGHTS, 9) for name in FILTERS},
        channels=values(PIXELS, 27),
        channel_kernels=values(WEIGHTS, 12),
    )


INPUTS = pictures_and_kernels()


@given(INPUTS)
def test_scipy_correlates_and_convolves_alike(inputs: Inputs) -> None:
    ours = reference(inputs)
    close = partial(np.testing.assert_allclose, rtol=1e-12, atol=1e-10)
    small, kernel = np.reshape(inputs.small, (4, 4)), np.reshape(inputs.kernel, (2, 2))
    picture = np.reshape(inputs.picture, (isqrt(len(inputs.picture)), -1))
    valid = signal.correlate2d(small, kernel, mode="valid")
    close(ours["correlation"], valid)
    valid = signal.convolve2d(small, kernel, mode="valid")
    close(ours["convolution"], valid)
    edge = np.reshape(inputs.edge_kernel, (3, 3))
    close(ours["stride_1"], signal.correlate2d(small, edge, mode="same"))
    for name, factor in (("edge", 1), ("sharpen", 1), ("blur", 9)):
        one = np.reshape(inputs.values(f"{name}_kernel"), (3, 3))
        close(ours[name] * factor, signal.correlate2d(picture, one, mode="valid"))
    # SciPy's correlation over a volume of three channels, none of them padded.
    volume = np.reshape(inputs.channels, (3, 3, 3)).swapaxes(0, 1)
    kernels = np.reshape(inputs.channel_kernels, (2, 3, 2)).swapaxes(0, 1)
    valid = signal.correlate(volume, kernels, mode="valid", method="direct")
    close(ours["volume"], valid[0])


@given(INPUTS)
def test_strides_and_windows_pick_from_the_same_values(inputs: Inputs) -> None:
    ours = reference(inputs)
    row, col = inputs.chosen_row - 1, inputs.chosen_col - 1
    np.testing.assert_allclose(ours["chosen_sum"], ours["correlation"][row, col], atol=1e-10)
    np.testing.assert_array_equal(ours["stride_2"], ours["stride_1"][::2, ::2])
    assert [len(ours["stride_1"]), len(ours["stride_2"])] == ours["stride_output"].tolist()


def test_a_picture_by_hand() -> None:
    ours = reference(Inputs(chosen_row=1, chosen_col=1))
    # 1·1 + 2·0 + 3·2 + 5·(−1)
    np.testing.assert_array_equal(ours["term"], [[1, 0], [6, -5]])
    assert ours["chosen_sum"] == 2
    # Inside of the square no edge, at its corner 8·8 − 3·8 − 5·1.
    assert ours["edge"][2, 2] == 0
    assert ours["edge"][1, 1] == 35


def test_a_kernel_that_turns_into_itself_convolves_as_it_correlates() -> None:
    ours = reference(Inputs().change({"kernel": [3, -1, -1, 3]}))
    np.testing.assert_array_equal(ours["correlation"], ours["convolution"])


@pytest.mark.parametrize(
    "settings",
    [
        {"picture": [1] * 10},
        {"picture": [1] * 4},
        {"picture": [1] * 9, "profile_row": 3},
        {"profile_row": 1},
        {"profile_row": 8},
        {"picture": [0.5] * 9, "profile_row": 2},
        {"small": [1] * 9},
        {"small": [256] * 16},
        {"kernel": [1] * 9},
        {"edge_kernel": [1] * 4},
        {"chosen_row": 4},
        {"chosen_col": 0},
    ],
)
def test_unusable_inputs_are_refused(settings: dict[str, object]) -> None:
    with pytest.raises(InputError):
        Inputs().change(settings)
