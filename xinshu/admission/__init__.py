"""Tags and admission (标签与准入): what firms are marked with and why, what they are asked, which products admit them.

Tags are computed in rounds over the house's customers (`rounds.py`), or given by a person. Questionnaires are versions
activated by a second person; their answers are facts. A gate (准入方案) asks a rule set of `rules` about a product's
firm, person, property or vehicle, and says what is met, unmet, unknown and how near it is (`nearest.py`).
"""
