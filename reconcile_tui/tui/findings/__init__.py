"""The findings screen's parts: the list with its counts, the rows behind a finding, the questionnaire."""
