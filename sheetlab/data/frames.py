"""DataFrames, and Parquet files, which are read as one."""

import io
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from sheetlab.data.limits import check_size, content_of, refusal
from sheetlab.data.table import Table
from sheetlab.text import Text, same

if TYPE_CHECKING:
    import pandas as pd


def table_of_frame(name: Text, frame: "pd.DataFrame") -> Table:
    """The table that a DataFrame is; `InputError` where it is too large."""
    check_size(name, *frame.shape)
    columns = [frame.iloc[:, position].tolist() for position in range(frame.shape[1])]
    return Table(
        name,
        tuple(str(heading).strip() for heading in frame.columns),
        tuple(map(tuple, columns)),
        tuple(map(str, frame.index)),
        point_is_decimal=True,
    )


def read_parquet(path: Path) -> Table:
    """The table in a Parquet file.

    Raises `InputError` where pyarrow is not installed, or the file cannot be read or is too large.
    """
    name = same(str(path))
    try:
        parquet = import_module("pyarrow.parquet")
    except ImportError:
        raise refusal(
            name,
            "Parquet is read by pyarrow, which is not installed; run pip install pyarrow, or save"
            " the table as .csv",
            "Parquet 파일을 읽는 pyarrow가 설치되어 있지 않습니다. pip install pyarrow를 실행하거나"
            " 표를 .csv로 저장하십시오",
        ) from None
    content = content_of(path)
    try:
        with parquet.ParquetFile(io.BytesIO(content)) as file:
            rows, columns = file.metadata.num_rows, file.metadata.num_columns
            check_size(name, rows, columns)
            frame: pd.DataFrame = file.read().to_pandas()
    except (OSError, ValueError, NotImplementedError) as error:
        raise refusal(
            name,
            "is no Parquet file, or is damaged; write it again, or save the table as .csv",
            "Parquet 파일이 아니거나 손상되었습니다. 다시 만들거나 표를 .csv로 저장하십시오",
        ) from error
    return table_of_frame(name, frame.reset_index(drop=True))
