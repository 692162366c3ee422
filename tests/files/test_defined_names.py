import pytest
from lxml import etree

from sheetlab.errors import WorkbookError
from sheetlab.files.defined_names import defined_names


def workbook(names: str) -> etree._Element:
    tabs = '<sheets><sheet name="One"/><sheet name="Two"/></sheets>'
    return etree.fromstring(f"<workbook>{tabs}<definedNames>{names}</definedNames></workbook>")


def test_names_belong_to_the_workbook_or_to_a_sheet() -> None:
    names = '<definedName name="a">One!$A$1</definedName>'
    names += '<definedName name="b" localSheetId="1">Two!$B$2</definedName>'
    found = list(defined_names(workbook(names)))
    assert found == [(None, "a", "One!$A$1"), ("Two", "b", "Two!$B$2")]


@pytest.mark.parametrize("number", ["2", "-1", "x", "", "9" * 5000])
def test_a_sheet_that_is_not_there(number: str) -> None:
    names = f'<definedName name="a" localSheetId="{number}">1</definedName>'
    with pytest.raises(WorkbookError, match=r"xl/workbook\.xml"):
        list(defined_names(workbook(names)))
