"""Xinshu (信枢), the hub of credit. docs/architecture.md is the plan of the house."""
