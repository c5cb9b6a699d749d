"""公告 (announcements): written, previewed, published for a while, corrected, taken down; nothing is ever lost."""
