"""Pages: announcements (中标动态), one announcement, entering one by hand, the funnel."""
