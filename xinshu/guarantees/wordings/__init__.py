"""Houses' own letters (保函文本, EP-11): texts per guarantor, type and form; linted, activated by a second person."""
