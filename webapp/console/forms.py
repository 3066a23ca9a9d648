"""What a person chooses for themselves."""

from __future__ import annotations

from wtforms import SelectField

from webapp.times import zone_names
from webapp.web.forms import Form
from webapp.web.table import SIZES


class PreferencesForm(Form):
    time_zone = SelectField("Time zone", choices=[(name, name) for name in zone_names()])
    page_size = SelectField(
        "Rows a page", coerce=int, choices=[(size, str(size)) for size in SIZES]
    )
