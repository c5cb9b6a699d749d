"""Batch issue (批量出函): one workbook, checked as a whole, confirmed by a second person, issued row by row."""
