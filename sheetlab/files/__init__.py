"""The .xlsx as a file: its parts, the values cached in them, and its fingerprint."""
