"""Write functions.md: which functions of Excel the engine has, and why it has not the others.

    python docs/make_function_table.py            # write it
    python docs/make_function_table.py --check    # only say whether it is current

`excel_functions.csv` lists the functions of ECMA-376 part 1, section 18.17.7, and those that
Excel has been given since, by the families of Microsoft's documentation.
"""

import argparse
import csv
import sys
from pathlib import Path

from sheetlab.engine import functions

DOCS = Path(__file__).parent
LIST = DOCS / "excel_functions.csv"
PAGE = DOCS / "functions.md"

# Why a function is not there.
MISSING = {
    "CALL": "runs code of another library",
    "COPILOT": "asks a language model",
    "CUBEKPIMEMBER": "asks an OLAP server",
    "CUBEMEMBER": "asks an OLAP server",
    "CUBEMEMBERPROPERTY": "asks an OLAP server",
    "CUBERANKEDMEMBER": "asks an OLAP server",
    "CUBESET": "asks an OLAP server",
    "CUBESETCOUNT": "asks an OLAP server",
    "CUBEVALUE": "asks an OLAP server",
    "DETECTLANGUAGE": "asks Microsoft's translator",
    "FIELDVALUE": "reads linked data types, such as stocks",
    "IMAGE": "fetches a picture",
    "IMPORTCSV": "reads another file",
    "IMPORTTEXT": "reads another file",
    "PY": "runs Python in Microsoft's cloud",
    "REGISTER.ID": "runs code of another library",
    "RTD": "asks another program",
    "SQL.REQUEST": "asks a database",
    "STOCKHISTORY": "asks a stock exchange",
    "TRANSLATE": "asks Microsoft's translator",
    "WEBSERVICE": "asks a web server",
}

PAGE_TEXT = """# The functions of Excel

Of the {count} functions of Excel, [the engine](engine.md) has these {there}. The other
{missing} need the world outside of the workbook; one that is missing gives `#NAME?` in its cell,
and a warning names it.
Made from [excel_functions.csv](excel_functions.csv) by `python docs/make_function_table.py`.

| family | functions |
| --- | --- |
{families}

| missing | for it |
| --- | --- |
{reasons}
"""


def families() -> dict[str, list[str]]:
    """The functions of each family, as the list has them."""
    with LIST.open(encoding="utf-8", newline="") as rows:
        return {row["family"]: row["functions"].split() for row in csv.DictReader(rows)}


def page() -> str:
    """The text of functions.md; raises `ValueError` where list, engine and reasons disagree."""
    listed = [name for names in families().values() for name in names]
    there = functions.own().keys()
    missing = set(listed) - there
    wrong = {
        "listed twice": {name for name in listed if listed.count(name) > 1},
        "declared, but not listed": there - set(listed),
        "missing without a reason": missing - MISSING.keys(),
        "there, but with a reason why not": MISSING.keys() - missing,
    }
    for what, names in wrong.items():
        if names:
            raise ValueError(f"{what}: {', '.join(sorted(names))}")
    return PAGE_TEXT.format(
        count=len(listed),
        there=len(there),
        missing=len(missing),
        families="\n".join(
            f"| {family} | {' '.join(f'`{name}`' for name in names if name in there)} |"
            for family, names in families().items()
        ),
        reasons="\n".join(f"| `{name}` | {MISSING[name]} |" for name in sorted(missing)),
    )


def main() -> None:
    """Write the page, or say whether it is current."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--check", action="store_true", help="only say whether it is current")
    arguments = parser.parse_args()
    text = page()
    if not arguments.check:
        PAGE.write_text(text, encoding="utf-8")
    elif not PAGE.is_file() or PAGE.read_text(encoding="utf-8") != text:
        sys.exit(f"{PAGE.name} is not current: run python docs/make_function_table.py")


if __name__ == "__main__":
    main()
