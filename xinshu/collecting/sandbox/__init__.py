"""Invented platforms that are collected from in tests and in the demo: four faces of one list, and what goes wrong."""
