"""What of sheetlab is compiled; all else stands in pyproject.toml."""

from setuptools import Extension, setup

setup(
    ext_modules=[
        Extension(
            "sheetlab.files._plain_xml",
            ["sheetlab/files/plain_xml.c"],
            py_limited_api=True,
            # Without a compiler sheetlab installs, too, and reads files more slowly.
            optional=True,
        )
    ],
    options={"bdist_wheel": {"py_limited_api": "cp311"}},
)
