"""Tests of collecting: readers on small invented pages, runs against an invented platform, the operator's pages."""
