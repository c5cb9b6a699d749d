"""Types of guarantee as data (保函类型): drafted, previewed, tried on a sample, activated by a second person."""
