"""sheetlab: machine-learning lectures as live, verified spreadsheets."""
