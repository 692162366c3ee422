"""From a file, a DataFrame or a mapping to a table, and from that to a lesson's inputs."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sheetlab.data.delimited import read_delimited
from sheetlab.data.frames import read_parquet, table_of_frame
from sheetlab.data.limits import refusal
from sheetlab.data.spreadsheet import read_spreadsheet
from sheetlab.data.table import Table
from sheetlab.errors import InputError
from sheetlab.inputs import LessonInputs
from sheetlab.text import Text, same

if TYPE_CHECKING:
    import pandas as pd

    from sheetlab.lessons import Lesson

    DataSource = str | Path | pd.DataFrame | Mapping[str, Any]

_TEXT_SUFFIXES = (".csv", ".tsv", ".txt", "")
_WORKBOOK_SUFFIXES = (".xlsx", ".xlsm")
_PARQUET_SUFFIXES = (".parquet", ".pq")


def read_table(source: "DataSource") -> Table:
    """The table in a file, a DataFrame or a mapping of columns by name.

    Rows are called as a spreadsheet shows them, from 1; those of a DataFrame by its index. Raises
    `InputError` for a file that is missing, too large, damaged or of another kind, and
    `WorkbookError` or `EngineError` for a workbook that cannot be read or calculated.
    """
    if isinstance(source, str | Path):
        path = Path(source)
        suffix = path.suffix.lower()
        if suffix in _TEXT_SUFFIXES:
            return read_delimited(path)
        if suffix in _WORKBOOK_SUFFIXES:
            return read_spreadsheet(path)
        if suffix in _PARQUET_SUFFIXES:
            return read_parquet(path)
        raise refusal(
            same(str(path)),
            "is of a kind that is not read; save the table as .csv, .tsv, .txt, .xlsx or .parquet",
            "읽을 수 없는 형식입니다. .csv, .tsv, .txt, .xlsx, .parquet 중 하나로 저장하십시오",
        )
    import pandas as pd

    if isinstance(source, Mapping):
        series = {
            key: pd.Series(
                list(value) if pd.api.types.is_list_like(value) else [value], dtype=object
            )
            for key, value in source.items()
        }
        source = pd.DataFrame(series)
    if isinstance(source, pd.DataFrame):
        return table_of_frame(Text("the data", "데이터"), source)
    raise refusal(
        Text("data", "data"),
        f"is a {type(source).__name__}; give a file, a DataFrame or a mapping of columns by name",
        f"{type(source).__name__}입니다. 파일, DataFrame, 또는 열 이름에서 값으로 가는 mapping을"
        " 주십시오",
    )


def inputs_with(lesson: "Lesson", table: Table | None, settings: Mapping[str, Any]) -> LessonInputs:
    """The lesson's inputs with those of a table, and with settings, which come last.

    Raises `InputError` that names the lesson, and the table where there is one.
    """
    given = {} if table is None else lesson.inputs.from_table(table)
    try:
        return lesson.inputs().change({**given, **settings})
    except InputError as error:
        en, ko = error.message
        where = lesson.name if table is None else f"{lesson.name}, {table.name.en}"
        where_ko = lesson.name if table is None else f"{lesson.name}, {table.name.ko}"
        raise InputError(Text(f"{where}: {en}", f"{where_ko}: {ko}")) from error
