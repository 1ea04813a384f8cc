"""Arabic moments in Arabic order, which Django leaves to English, and numbers in groups."""

DATETIME_FORMAT = "j F Y، H:i"
SHORT_DATETIME_FORMAT = "d/m/Y H:i"
TIME_FORMAT = "H:i"
NUMBER_GROUPING = 3
