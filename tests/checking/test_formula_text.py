"""References in the texts of formulas, found without calculating anything."""

import pytest
from openpyxl.formula.translate import Translator

from sheetlab.checking.formula_text import CellArea, references, relative_form
from sheetlab.files.address import MAX_COLUMN, MAX_ROW, ref_of


@pytest.mark.parametrize(
    ("text", "areas"),
    [
        ("=E4-$A$3*$H4", [(4, 5, 4, 5), (3, 1, 3, 1), (4, 8, 4, 8)]),
        ("=SUM(B$9:$C1)", [(1, 2, 9, 3)]),
        ("=SUM(A:$B)+MAX(2:3)", [(1, 1, MAX_ROW, 2), (2, 1, 3, MAX_COLUMN)]),
        ('="A1"&LOG10(B2)&A1B2&x.A1&"""C3"', [(2, 2, 2, 2)]),
        ("=input_A1+Table[A1]+TRUE+1E5+2E+3", []),
    ],
)
def test_the_areas_that_a_formula_names(text: str, areas: list[tuple[int, ...]]) -> None:
    assert list(references(text, "S")) == [CellArea("S", *area) for area in areas]


def test_areas_of_other_sheets_and_of_names() -> None:
    text = "=SGD!A1+'It''s - odd'!$B$2:B3+'손실 함수'!C1+손실!D1+'A1 B2'!alpha*Alpha"
    alpha = [CellArea("SGD", 4, 5, 23, 5), CellArea("SGD", 4, 7, 23, 7)]
    assert list(references(text, "S", {"alpha": alpha})) == [
        CellArea("SGD", 1, 1, 1, 1),
        CellArea("It's - odd", 2, 2, 3, 2),
        CellArea("손실 함수", 1, 3, 1, 3),
        CellArea("손실", 1, 4, 1, 4),
        *alpha,
        *alpha,
    ]


@pytest.mark.parametrize(
    "text",
    [
        "=E4-$A$3*$H4",
        "=ROWS(D$4:D4)&\"D4\"&'D4'!D4",
        "=SUM(D:D)+SUM($4:4)+LOG10(D$4)",
        "=IF(D4=MIN($D$4:D4),Data!$E4,alpha)",
    ],
)
def test_cells_that_a_formula_is_filled_to_share_its_form(text: str) -> None:
    forms = set()
    for row, column in [(4, 6), (5, 6), (99, 6), (4, 7), (12, 30)]:
        filled = Translator(text, "F4").translate_formula(ref_of(row, column))
        forms.add(relative_form(filled, row, column))
    assert len(forms) == 1


def test_forms_tell_formulas_apart() -> None:
    texts = ["=A1", "=$A1", "=A$1", "=$A$1", "=B1", "=A2", "=S!A1", "=A1:A1", '="A1"', "=A1+0"]
    assert len({relative_form(text, 3, 3) for text in texts}) == len(texts)
