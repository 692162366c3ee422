"""`python -m sheetlab` does what `sheetlab` does."""

from sheetlab.cli import main

if __name__ == "__main__":
    main()
