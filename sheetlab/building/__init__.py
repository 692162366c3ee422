"""From a lesson to its workbook on disk."""
