"""What formulas calculate with, and how a function tells an error."""

from typing import Any

import numpy as np

from sheetlab.files.cell_value import CellError, CellValue

# None is a blank cell.
Scalar = CellValue | None
# Two axes; float64 where every element is a number, else objects.
Array = np.ndarray[Any, Any]


class ErrorValue(Exception):  # noqa: N818
    """Raised by a function to give an error: `raise ErrorValue("#N/A")`."""

    def __init__(self, error: CellError | str) -> None:
        super().__init__(error)
        self.error = CellError(error) if isinstance(error, str) else error
