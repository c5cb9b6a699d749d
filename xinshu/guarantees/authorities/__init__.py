"""The authority table (审批授权): who may decide up to what, proposed by one person and set by a second."""
