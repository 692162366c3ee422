"""The fingerprint of a built workbook, which tells whether anybody changed it since."""

import hashlib
import re
from collections.abc import Mapping

from lxml import etree

from sheetlab.files.package import Parts
from sheetlab.files.xml import parse, serialize

FINGERPRINT_PROPERTY = "sheetlab fingerprint"
NO_FINGERPRINT = "0" * 64

_PROPERTIES_PART = "docProps/custom.xml"
_FORMAT_ID = "{D5CDD505-2E9C-101B-9397-08002B2CF9AE}"
_TYPES = "http://schemas.openxmlformats.org/officeDocument/2006/docPropsVTypes"


def read_property(parts: Mapping[str, bytes], name: str) -> str | None:
    """The text of a custom property of the workbook, None where it has no such property."""
    if _PROPERTIES_PART not in parts:
        return None
    for entry in parse(parts, _PROPERTIES_PART).iterfind("{*}property"):
        if entry.get("name") == name and len(entry):
            return entry[0].text or ""
    return None


def write_property(parts: Mapping[str, bytes], name: str, text: str) -> Parts:
    """The same parts with a custom property more, which must not be there yet.

    The workbook must have custom properties already, as every built one has.
    """
    root = parse(parts, _PROPERTIES_PART)
    namespace = etree.QName(root).namespace
    numbers = [int(entry.get("pid", 1)) for entry in root]
    entry = etree.SubElement(
        root,
        etree.QName(namespace, "property"),
        {"fmtid": _FORMAT_ID, "pid": str(max(numbers, default=1) + 1), "name": name},
    )
    etree.SubElement(entry, etree.QName(_TYPES, "lpwstr"), nsmap={"vt": _TYPES}).text = text
    return {**parts, _PROPERTIES_PART: serialize(root)}


def seal(parts: Mapping[str, bytes]) -> Parts:
    """The same parts with their SHA-256 in the property `sheetlab fingerprint`.

    The property must be there, with `NO_FINGERPRINT` or an older fingerprint for its value;
    else `ValueError`.
    """
    unsealed = _unsealed(parts)
    if unsealed is None:
        raise ValueError(f"the workbook has no property '{FINGERPRINT_PROPERTY}' to fill")
    sealed = unsealed[_PROPERTIES_PART].replace(NO_FINGERPRINT.encode(), _digest(unsealed).encode())
    return {**unsealed, _PROPERTIES_PART: sealed}


def is_sealed(parts: Mapping[str, bytes]) -> bool:
    """Whether nothing changed since `seal`; False for a workbook that never was sealed."""
    unsealed = _unsealed(parts)
    return unsealed is not None and read_property(parts, FINGERPRINT_PROPERTY) == _digest(unsealed)


def _unsealed(parts: Mapping[str, bytes]) -> Parts | None:
    """The parts as they were hashed, or None where they have no fingerprint."""
    fingerprint = read_property(parts, FINGERPRINT_PROPERTY)
    if fingerprint is None or not re.fullmatch("[0-9a-f]{64}", fingerprint):
        return None
    properties = parts[_PROPERTIES_PART].replace(fingerprint.encode(), NO_FINGERPRINT.encode())
    return {**parts, _PROPERTIES_PART: properties}


def _digest(parts: Mapping[str, bytes]) -> str:
    digest = hashlib.sha256()
    for name in sorted(parts):
        # The lengths keep two parts from being read as two others.
        digest.update(f"{len(name)}:{name}:{len(parts[name])}:".encode())
        digest.update(parts[name])
    return digest.hexdigest()
