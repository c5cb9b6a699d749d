"""Matching of announcements against subscriptions. Pure: no database, no clock."""
