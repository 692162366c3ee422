"""What a workbook holds: constants, formulas and defined names."""

import io
import warnings
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sheetlab.engine.cell_range import Address, CellRange, range_on
from sheetlab.errors import WorkbookError
from sheetlab.files.cell_value import CellError, CellValue
from sheetlab.text import Text


@dataclass(frozen=True, eq=False, slots=True)
class Formula:
    """One formula as its cell shows it ("=A1+1"), and the cells it fills: one, or an array."""

    text: str
    home: CellRange

    @property
    def address(self) -> Address:
        """The cell that the formula stands in, the first of its range."""
        return self.home.sheet, self.home.top, self.home.left


@dataclass(slots=True)
class Contents:
    """The cells and names of a workbook.

    `names` is keyed by sheet (None for the workbook) and name in lower case, and holds the name
    as written and what it stands for.
    """

    path: Path
    sheets: list[str] = field(default_factory=list)
    constants: dict[Address, CellValue] = field(default_factory=dict)
    formulas: dict[Address, Formula] = field(default_factory=dict)
    names: dict[tuple[str | None, str], tuple[str, str]] = field(default_factory=dict)

    def find_sheet(self, name: str) -> str | None:
        """The sheet of that name, which may differ in case."""
        if name in self.sheets:
            return name
        return next((sheet for sheet in self.sheets if sheet.lower() == name.lower()), None)

    def find_name(self, name: str, sheet: str | None = None) -> str | None:
        """What a defined name stands for, as seen from a sheet."""
        for scope in (sheet, None):
            if (scope, name.lower()) in self.names:
                return self.names[scope, name.lower()][1]
        return None


def read_contents(path: Path, parts: Mapping[str, bytes]) -> Contents:
    """The contents of the workbook at `path`, whose parts are given.

    Raises `WorkbookError` that names the file, and the sheet where one is damaged.
    """
    from openpyxl import load_workbook

    contents = Contents(path)
    sheet = None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            # Read only is what leaves out charts and styles, which take most of the time.
            workbook = load_workbook(_zipped(parts), read_only=True, keep_links=False)
            _read_names(contents, workbook.defined_names, None)
            for worksheet in workbook.worksheets:
                sheet = worksheet.title
                contents.sheets.append(sheet)
                _read_names(contents, worksheet.defined_names, sheet)
                _read_cells(contents, sheet, worksheet, workbook.epoch)
        except Exception as error:
            where = "" if sheet is None else f", {sheet}"
            raise WorkbookError(
                Text(
                    f"{path}{where}: is damaged ({error}); open it in Excel and save it anew.",
                    f"{path}{where}: 손상되었습니다({error}). Excel에서 열어 다시 저장하십시오.",
                )
            ) from error
    return contents


def _zipped(parts: Mapping[str, bytes]) -> io.BytesIO:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return stream


def _read_names(contents: Contents, names: Mapping[str, Any], sheet: str | None) -> None:
    for name, defined in names.items():
        contents.names[sheet, name.lower()] = name, str(defined.attr_text or "")


def _read_cells(contents: Contents, sheet: str, worksheet: Any, epoch: Any) -> None:
    from openpyxl.utils.datetime import to_excel
    from openpyxl.worksheet.formula import ArrayFormula, DataTableFormula

    # A file may give the dimensions of a sheet wrongly, and cells outside would be lost.
    worksheet.reset_dimensions()
    for row in worksheet.iter_rows():
        for cell in row:
            value, kind = cell.value, cell.data_type
            if value is None:
                continue
            address = (sheet, cell.row, cell.column)
            if kind == "f":
                if isinstance(value, ArrayFormula):
                    formula = Formula(_formula_text(value.text), range_on(sheet, value.ref))
                elif isinstance(value, DataTableFormula):
                    formula = Formula("=TABLE()", range_on(sheet, value.ref))
                else:
                    formula = Formula(value, range_on(sheet, cell.coordinate))
                contents.formulas.update(dict.fromkeys(formula.home.addresses(), formula))
            elif isinstance(value, bool):
                contents.constants[address] = value
            elif kind == "e":
                contents.constants[address] = CellError(value)
            elif isinstance(value, str):
                contents.constants[address] = value
            elif isinstance(value, int | float):
                contents.constants[address] = float(value)
            else:
                contents.constants[address] = float(to_excel(value, epoch))  # type: ignore[no-untyped-call]
    for address in contents.formulas:
        contents.constants.pop(address, None)


def _formula_text(text: str | None) -> str:
    return "=" + (text or "").removeprefix("=")
