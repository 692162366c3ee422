"""IronCalc (https://www.ironcalc.com), a spreadsheet engine written in Rust."""

from collections.abc import Sequence, Set
from pathlib import Path
from tempfile import TemporaryDirectory

from openpyxl.utils.cell import coordinate_to_tuple

from sheetlab.checking.engines.cells import CellValues, require_recalculated, stored_cells
from sheetlab.errors import EngineError
from sheetlab.files.cached_values import poison
from sheetlab.files.cell_value import CellError
from sheetlab.files.package import Parts, read_parts, write_parts
from sheetlab.files.xml import parse, serialize, worksheet_parts
from sheetlab.text import Text


def recalculate(paths: Sequence[Path]) -> list[CellValues]:
    """The cells of each workbook as IronCalc calculates them.

    Raises:
        WorkbookError: a file cannot be read as a workbook.
        EngineError: IronCalc is not installed, or cannot load or calculate a workbook.
    """
    try:
        import ironcalc  # noqa: F401
    except ImportError as missing:
        raise EngineError(
            Text(
                "IronCalc is not installed; run pip install 'sheetlab[engines]'.",
                "IronCalc가 설치되어 있지 않습니다. "
                "pip install 'sheetlab[engines]'를 실행하십시오.",
            )
        ) from missing
    return [_recalculate_one(path) for path in paths]


def _recalculate_one(path: Path) -> CellValues:
    parts = read_parts(path)
    stored, calculated, _ = stored_cells(parts)
    with TemporaryDirectory(prefix="sheetlab-", ignore_cleanup_errors=True) as folder:
        copy = Path(folder) / "workbook.xlsx"
        write_parts(copy, _readable(poison(parts)))
        try:
            values = _values(copy, stored.keys() | calculated)
        except (KeyboardInterrupt, SystemExit, MemoryError):
            raise
        except BaseException as failure:  # a panic in Rust is not an Exception
            raise EngineError(
                Text(
                    f"IronCalc cannot calculate {path}: {failure}; "
                    "take that out of the workbook or choose another engine.",
                    f"IronCalc가 {path} 파일을 계산하지 못합니다: {failure}. "
                    "그 부분을 통합 문서에서 빼거나 다른 엔진을 고르십시오.",
                )
            ) from failure
    require_recalculated("IronCalc", path, values, calculated)
    return values


def _readable(parts: Parts) -> Parts:
    """The package without what IronCalc 0.9 misreads and no formula sees."""
    readable = dict(parts)
    for part in worksheet_parts(parts).values():
        # A blank cell that openpyxl styles is marked as a number; IronCalc would read 0.
        sheet = parse(parts, part)
        for cell in sheet.iter("{*}c"):
            if len(cell) == 0:
                cell.attrib.pop("t", "")
        readable[part] = serialize(sheet)

        # Notes that openpyxl writes stand at an absolute path, which IronCalc does not find.
        folder, _, name = part.rpartition("/")
        links = f"{folder}/_rels/{name}.rels"
        if links in parts:
            relations = parse(parts, links)
            for relation in list(relations):
                if relation.get("Type", "").endswith("/comments"):
                    relations.remove(relation)
            readable[links] = serialize(relations)
    return readable


def _values(path: Path, cells: Set[tuple[str, str]]) -> CellValues:
    import ironcalc

    model = ironcalc.load_from_xlsx(str(path))
    model.evaluate()
    numbers = {
        sheet["name"]: number for number, sheet in enumerate(model.get_worksheets_properties())
    }
    values: CellValues = {}
    for sheet, ref in cells:
        cell = (numbers[sheet], *coordinate_to_tuple(ref))
        value = model.get_cell_value(*cell)
        is_error = model.get_cell_type(*cell) == ironcalc.CellType.ErrorValue
        if value is not None:
            values[sheet, ref] = CellError(str(value)) if is_error else value
    return values
