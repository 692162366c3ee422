"""K nearest neighbors: the reference against scikit-learn, and what its inputs must be."""

from typing import TypeVar

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.datasets import load_iris
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor

from sheetlab.errors import InputError
from sheetlab.lessons.knn import Inputs, reference

# Few decimals, so that equal distances and equal votes come often.
LENGTHS = st.integers(-20, 80).map(lambda tenths: tenths / 10)
SPECIES = ("setosa", "versicolor", "virginica", 'a "quoted" one', "*", "다른 꽃")


Value = TypeVar("Value", float, str)


@st.composite
def gardens(draw: st.DrawFn) -> Inputs:
    count = draw(st.integers(2, 15) | st.sampled_from((40, 70)))
    kinds = draw(st.sampled_from((SPECIES, SPECIES[:3], SPECIES[:2], SPECIES[3:4])))

    def column(values: st.SearchStrategy[Value]) -> tuple[Value, ...]:
        return tuple(draw(st.lists(values, min_size=count, max_size=count)))

    return Inputs(
        k=draw(st.integers(1, count)),
        new_length=draw(LENGTHS),
        new_width=draw(LENGTHS),
        petal_length=column(LENGTHS),
        petal_width=column(LENGTHS),
        species=column(st.sampled_from(kinds)),
        sepal_length=column(LENGTHS),
    )


INPUTS = gardens()


@settings(max_examples=25)
@given(INPUTS)
def test_scikit_learn_gives_the_same_answers_where_nothing_is_tied(inputs: Inputs) -> None:
    ours = reference(inputs)
    points = np.column_stack([inputs.petal_length, inputs.petal_width])
    new = [[inputs.new_length, inputs.new_width]]
    distance = ours["near_distance"]
    for k in {1, inputs.k, len(distance)}:
        if k < len(distance) and distance[k] - distance[k - 1] < 1e-6:
            continue
        regressor = KNeighborsRegressor(k, algorithm="brute").fit(points, inputs.sepal_length)
        np.testing.assert_allclose(ours["mean_value"][k - 1], regressor.predict(new)[0], atol=1e-9)
        votes = ours["votes"][k - 1]
        if np.sum(votes == votes.max()) == 1:
            classifier = KNeighborsClassifier(k, algorithm="brute").fit(points, inputs.species)
            assert ours["winner"][k - 1] == classifier.predict(new)[0]


@given(INPUTS)
def test_the_winner_has_the_most_votes_and_had_them_first(inputs: Inputs) -> None:
    ours = reference(inputs)
    names = list(dict.fromkeys(inputs.species))
    for k, winner in enumerate(ours["winner"]):
        votes = ours["votes"][k]
        assert votes[names.index(winner)] == votes.max()
        first = {
            name: int(np.argmax(ours["votes"][:, n] == votes.max()))
            for n, name in enumerate(names)
            if votes[n] == votes.max()
        }
        assert first[winner] == min(first.values())


@given(INPUTS)
def test_k_flowers_are_neighbors(inputs: Inputs) -> None:
    ours = reference(inputs)
    assert np.sum(ours["rank"] <= inputs.k) == inputs.k
    assert sorted(ours["rank"]) == list(range(1, len(inputs.species) + 1))
    assert ours["votes"][inputs.k - 1].sum() == inputs.k


def test_the_answer_changes_with_k() -> None:
    winner = reference(Inputs())["winner"]
    chosen = [winner[k - 1] for k in (1, 3, 5, 7, 14)]
    assert chosen == ["virginica", "versicolor", "virginica", "versicolor", "versicolor"]
    np.testing.assert_allclose(reference(Inputs())["near_distance"][:3], [0.1, 0.02**0.5, 0.2])


def test_the_flowers_are_of_the_iris_data() -> None:
    data = load_iris()
    known = {
        (*measured, str(data.target_names[target]))
        for measured, target in zip(data.data[:, [2, 3, 0]], data.target, strict=True)
    }
    own = Inputs()
    columns = (own.petal_length, own.petal_width, own.sepal_length, own.species)
    assert set(zip(*columns, strict=True)) <= known


@pytest.mark.parametrize(
    "given_settings",
    [
        {"k": 0},
        {"k": 2.5},
        {"k": 15},
        {"petal_width": (1, 2, 3)},
        {"k": 1, "species": ("a",)}
        | dict.fromkeys(("petal_length", "petal_width", "sepal_length"), (1,)),
        {"new_length": 1e6},
        {"species": ("setosa", "Setosa") * 7},
        {"species": tuple("abcdefghijklmn")},
        {"species": ("",) * 14},
    ],
)
def test_unusable_inputs_are_refused(given_settings: dict[str, object]) -> None:
    with pytest.raises(InputError):
        Inputs().change(given_settings)
