"""What can be done: tags.py, questionnaires.py, sheets.py, gates.py."""
