"""GETPIVOTDATA finds the cells of a pivot table, as the file says what they show."""

from pathlib import Path
from typing import Any

import pytest
from engine.packages import MAIN, PACKAGE, RELATIONSHIPS, parts_of, write_package

from sheetlab.engine import load
from sheetlab.files.cell_value import CellError
from sheetlab.files.package import Parts

REF = CellError("#REF!")
# A3:D10, as Excel lays it out: groups with their totals, then what is in them.
BY_REGION: list[list[Any]] = [
    ["Sum of Sales", "Column Labels", None, None],
    ["Row Labels", 45000, 45001, "Grand Total"],
    ["East", 1, 2, 3],
    ["apple", 4, 5, 6],
    ["pear", 7, 8, 9],
    ["West", 10, 11, 12],
    ["apple", 13, None, 15],
    ["Grand Total", 16, 17, 18],
]
# A20:D24: two values side by side, of the regions that a filter lets through, with subtotals below.
BY_PRODUCT: list[list[Any]] = [
    ["Fruit", "Region", "Sum of Sales", "How many"],
    ["apple", "East", 21, 22],
    [None, "West", 23, 24],
    ["apple Total", None, 25, 26],
    ["Grand Total", None, 27, 28],
]
CACHE = (
    '<cacheFields count="4">'
    '<cacheField name="Region"><sharedItems><s v="West"/><s v="East"/></sharedItems></cacheField>'
    '<cacheField name="Fruit"><sharedItems><s v="pear"/><s v="apple"/><m/></sharedItems>'
    "</cacheField>"
    '<cacheField name="Day"><sharedItems><d v="2023-03-15T00:00:00"/><n v="45001"/></sharedItems>'
    '</cacheField><cacheField name="Sales"><sharedItems containsNumber="1"/></cacheField>'
    "</cacheFields>"
)
REGION = '<pivotField {}><items><item x="1"/><item x="0"/><item t="default"/></items></pivotField>'
FRUIT = REGION.replace('x="1"', 'x="1" n="Malus"')
DAY = '<pivotField {}><items><item x="0"/><item x="1"/><item t="default"/></items></pivotField>'
FIRST = (
    '<location ref="A3:D10" firstHeaderRow="1" firstDataRow="2" firstDataCol="1"/><pivotFields>'
    + "".join(field.format("axis='axisRow'") for field in (REGION, FRUIT, DAY))
    + '<pivotField dataField="1"/></pivotFields>'
    '<rowFields><field x="0"/><field x="1"/></rowFields><rowItems><i><x/></i><i r="1"><x/></i>'
    '<i r="1"><x v="1"/></i><i><x v="1"/></i><i r="1"><x/></i><i t="grand"><x/></i></rowItems>'
    '<colFields><field x="2"/></colFields>'
    '<colItems><i><x/></i><i><x v="1"/></i><i t="grand"><x/></i></colItems>'
    '<dataFields><dataField name="Sum of Sales" fld="3"/></dataFields>'
)
SECOND = (
    '<location ref="A20:D24" firstHeaderRow="0" firstDataRow="1" firstDataCol="2"/><pivotFields>'
    + "".join(field.format("") for field in (REGION, FRUIT, DAY))
    + '<pivotField dataField="1"/></pivotFields>'
    '<rowFields><field x="1"/><field x="0"/></rowFields><rowItems><i><x/><x/></i>'
    '<i r="1"><x v="1"/></i><i t="default"><x/></i><i t="grand"><x/></i></rowItems>'
    '<colFields><field x="-2"/></colFields><colItems><i><x/></i><i i="1"><x v="1"/></i></colItems>'
    '<pageFields><pageField fld="2" item="1"/></pageFields>'
    '<dataFields><dataField name="Sum of Sales" fld="3"/>'
    '<dataField name="How many" fld="3" subtotal="count"/></dataFields>'
)


def cell(row: int, column: int, value: Any) -> str:
    ref = f"{chr(64 + column)}{row}"
    if value is None:
        return ""
    if isinstance(value, str):
        return f'<c r="{ref}" t="str"><v>{value}</v></c>'
    return f'<c r="{ref}"><v>{value}</v></c>'


def package(formula: str, first: str = FIRST) -> Parts:
    rows = {
        start + number: "".join(cell(start + number, n, value) for n, value in enumerate(row, 1))
        for start, table in ((3, BY_REGION), (20, BY_PRODUCT))
        for number, row in enumerate(table)
    }
    rows[40] = f"<c r='A40'><f>{formula}</f></c>"
    text = "".join(f'<row r="{row}">{cells}</row>' for row, cells in sorted(rows.items()))
    parts = {**parts_of(text)}

    def links(*targets: tuple[str, str]) -> bytes:
        return (
            f'<Relationships xmlns="{PACKAGE}/relationships">'
            + "".join(
                f'<Relationship Id="rId{n}" Type="{RELATIONSHIPS}/{kind}" Target="{target}"/>'
                for n, (kind, target) in enumerate(targets, 1)
            )
            + "</Relationships>"
        ).encode()

    parts["xl/worksheets/_rels/sheet1.xml.rels"] = links(
        *(("pivotTable", f"../pivotTables/pivotTable{n}.xml") for n in (1, 2))
    )
    for number, table in ((1, first), (2, SECOND)):
        name = f"pivotTable{number}.xml"
        parts[f"xl/pivotTables/{name}"] = (
            f'<pivotTableDefinition xmlns="{MAIN}" name="P{number}">{table}</pivotTableDefinition>'
        ).encode()
        parts[f"xl/pivotTables/_rels/{name}.rels"] = links(
            ("pivotCacheDefinition", "../pivotCache/pivotCacheDefinition1.xml")
        )
    parts["xl/pivotCache/pivotCacheDefinition1.xml"] = (
        f'<pivotCacheDefinition xmlns="{MAIN}">{CACHE}</pivotCacheDefinition>'
    ).encode()
    return parts


@pytest.mark.parametrize(
    ("arguments", "shown"),
    [
        ('"Sum of Sales",A3', 18),
        ('"sales",$B$5', 18),
        ('"Sales",A3,"Region","East"', 3),
        ('"Sales",A3,"Region","west","Fruit","Apple"', 15),
        ('"Sales",A3,"Fruit","pear","Region","East","Day",45001', 8),
        ('"Sales",A3,"Day",DATE(2023,3,15)', 16),
        ('"Sales",A3,"Region","East","Day",45000', 1),
        # The caption that a person gave an item.
        ('"Sales",A3,"Region","East","Fruit","malus"', 6),
        # A blank cell is 0, as any reference to one.
        ('"Sales",A3,"Region","West","Fruit","apple","Day",45001', 0),
        # Not shown: a total of fruit over all regions, an item, a field, values.
        ('"Sales",A3,"Fruit","apple"', REF),
        ('"Sales",A3,"Region","West","Fruit","pear"', REF),
        ('"Sales",A3,"Region","North"', REF),
        ('"Sales",A3,"Shop","East"', REF),
        ('"Costs",A3', REF),
        ('"Sales",A3,"Region"', REF),
        ('"Sales",F3', REF),
        ('"Sales",A3,"Region",NA()', CellError("#N/A")),
        ('"Sum of Sales",A20', 27),
        ('"How many",A20', 28),
        ('"How many",A20,"Fruit","apple"', 26),
        ('"How many",A20,"Fruit","apple","Region","West"', 24),
        ('"Sum of Sales",A20,"Fruit","apple","Region","East","Day",45001', 21),
        # The table is limited to another day.
        ('"Sum of Sales",A20,"Fruit","apple","Day",45000', REF),
        # The last of several tables.
        ('"Sum of Sales",A1:A30', 27),
    ],
)
def test_what_is_shown(arguments: str, shown: Any, tmp_path: Path) -> None:
    path = write_package(tmp_path, package(f"GETPIVOTDATA({arguments})".replace('"', "&quot;")))
    assert load(path)["A40"] == shown


def test_cells_that_change(tmp_path: Path) -> None:
    book = load(write_package(tmp_path, package("GETPIVOTDATA(E1,A3)*2")))
    assert book["A40"] == REF
    book.set({"E1": "Sales", "D10": 5})
    assert book["A40"] == 10


@pytest.mark.parametrize(
    "damaged",
    [
        FIRST.replace('ref="A3:D10"', 'ref="A3:"'),
        FIRST.replace('<field x="2"/>', '<field x="9"/>'),
        FIRST.replace('fld="3"', 'fld="-7"'),
        FIRST.replace('<item x="1"/>', '<item x="-1"/>'),
        FIRST.replace('<i r="1">', '<i r="-5">'),
        FIRST.replace("<location", "<place"),
        FIRST.replace('firstDataRow="2"', 'firstDataRow="99"'),
        FIRST.replace("</rowItems>", "</rowItem>"),
    ],
)
def test_a_damaged_pivot_table_harms_nothing_else(damaged: str, tmp_path: Path) -> None:
    formula = 'GETPIVOTDATA("Sales",A3)'.replace('"', "&quot;")
    book = load(write_package(tmp_path, package(formula, damaged)))
    assert book["A40"] == REF
    assert book["A3"] == "Sum of Sales"
