"""The columns of the raw data, in the order in which they stand in a row: the UCI Abalone data.

The one file to change for another table; `docs/adapt.md` goes through it. Everything else that
knows a column's name (the encoding, the splits, the model's features, the reports) asks here.
"""

from kinds import Category, Count, Number

# "regression", or "binary" or "multiclass" for a label that is a Category of classes.
PROBLEM = "regression"

# What the model predicts: the name of a Number or a Count, or of the Category of classes.
LABEL = "rings"

# No value of these is ever missing: an empty cell is a mistake, and its row is left out.
COLUMNS = (
    Category("sex", ("F", "I", "M"), required=True),
    Number("length", required=True),
    Number("diameter", required=True),
    Number("height", required=True),
    Number("whole_weight", also="whole", required=True),
    Number("shucked_weight", also="shucked", required=True),
    Number("viscera_weight", also="viscera", required=True),
    Number("shell_weight", also="shell", required=True),
    Count("rings", also="class_number_of_rings"),
)
