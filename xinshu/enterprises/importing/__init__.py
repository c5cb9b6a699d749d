"""Records by Excel (资料导入): a workbook is read whole, checked whole, previewed, then taken in by the worker."""
