"""The special functions of SciPy, which are imported when the first of them is wanted."""

import functools
from importlib import import_module
from typing import Any


@functools.cache
def special() -> Any:
    """The module `scipy.special`, whose import takes longer than many workbooks."""
    return import_module("scipy.special")
