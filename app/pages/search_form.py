"""Reads a search from a page's form or address, and says it again in the page's fields."""

from collections.abc import Sequence

from flask import request
from werkzeug.datastructures import MultiDict

from app.contract.request_reading import form_values, read_pictures, validate
from app.pages.address import page_defaults
from app.pages.language import FIELD
from app.search.search_parameters import SearchParameters
from core.errors import InvalidQuery

CROP_FIELDS = ("left", "top", "right", "bottom")
"""The crop as people type it, in percent of the picture; `crop` is the same in fractions."""

WHOLE_PICTURE = ("0", "0", "100", "100")

PAGE_DEFAULTS = {"size", "collapse", "alike_only"}
"""Parameters that a page sets where its address names none."""


def read_search() -> tuple[SearchParameters, list[bytes]]:
    """Return the search of this request, and its pictures; raises as `read_request`.

    A price range that is upside down is turned round: it can only mean the other way.
    """
    images = read_pictures(request)
    form: MultiDict[str, str] = MultiDict(request.args)
    form.update(request.form)
    form.poplist(FIELD)
    typed = [form.pop(name, "") for name in CROP_FIELDS]
    if images and form.get("picture"):
        # The search box names the picture of the page it is on; that picture's crop is not the
        # new picture's.
        form.poplist("crop")
    if all(typed):
        form.setlist("crop", [_fractions(typed)])
    parameters = validate(form_values(form, SearchParameters), SearchParameters)
    defaults = page_defaults(parameters.filter)
    changes = defaults.model_dump(include=PAGE_DEFAULTS - parameters.model_fields_set)
    low, high = parameters.price_min, parameters.price_max
    if low is not None and high is not None and low > high:
        changes |= {"price_min": high, "price_max": low}
    return parameters.model_copy(update=changes), images


def crop_in_percent(parameters: SearchParameters) -> dict[str, str]:
    """Return the crop as its form shows it."""
    box = parameters.crop[0] if parameters.crop else None
    sides = (box.left, box.top, box.right, box.bottom) if box else ()
    percents = [f"{100 * side:.4g}" for side in sides] or WHOLE_PICTURE
    return dict(zip(CROP_FIELDS, percents, strict=True))


def _fractions(percent: Sequence[str]) -> str:
    try:
        return ",".join(f"{float(number) / 100:.4g}" for number in percent)
    except ValueError as error:
        raise InvalidQuery("crop: four numbers from 0 to 100, in percent of the picture") from error
