"""What of sheetlab is compiled; all else stands in pyproject.toml."""

from setuptools import Extension, setup

_PARTS = ("module", "plain_xml", "constants", "filled_formulas", "postfix")

setup(
    ext_modules=[
        Extension(
            "sheetlab.compiled._reading",
            [f"sheetlab/compiled/{name}.c" for name in _PARTS],
            depends=["sheetlab/compiled/reading.h"],
            py_limited_api=True,
            # Without a compiler sheetlab installs, too, and reads files more slowly.
            optional=True,
        )
    ],
    options={"bdist_wheel": {"py_limited_api": "cp311"}},
)
