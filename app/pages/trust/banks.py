"""The pages of the banks: all reviewers see the entries, admins change them."""

from dataclasses import dataclass
from urllib.parse import quote, urlencode

from apiflask import APIBlueprint
from flask import Response, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from app.accounts.access import admin_required, sign_in_required
from app.accounts.sessions import reviewer_name
from app.contract.presentation import image_url
from app.pages.trust.rendering import desk_page
from app.services import current_services
from app.trust.banks.banks import Addition
from app.trust.banks.entry import BANKS, EntryDetails
from core.errors import InvalidQuery

blueprint = APIBlueprint("trust_banks", __name__, enable_openapi=False)

HERE = "/trust/banks"
PAGE = 48
CASE_FIELDS = ("show", "min_probability")
"""Fields of a case's page that the redirect back to it keeps."""

KINDS = ("added", "known", "removed")


@dataclass(frozen=True)
class BankNotice:
    """The change of a bank that led to this page; `kind` is one of KINDS.

    `case_id` is the case of the `listings` that show a newly blocked picture; "" if none does.
    """

    kind: str
    listings: int
    case_id: str


def recent_bank_change() -> BankNotice | None:
    """Return the change of a bank that led to this page, or None."""
    args = request.args
    if args.get("banked") not in KINDS:
        return None
    return BankNotice(args["banked"], args.get("listings", 0, type=int), args.get("case", ""))


@blueprint.get("/trust/banks")
@sign_in_required
def banks() -> Response:
    """Show the entries, the newest first."""
    shared = current_services().banks
    bank = request.args.get("bank") or None
    cursor = request.args.get("cursor") or None
    found = shared.page(bank, PAGE, cursor)
    selected = {"bank": bank} if bank else {}
    return desk_page(
        "banks.html",
        entries=found.entries,
        counts=shared.counts(),
        bank=bank,
        banks=BANKS,
        picture=image_url,
        next=_address({**selected, "cursor": found.cursor}) if found.cursor else "",
        first=_address(selected) if cursor else "",
        banked=recent_bank_change(),
    )


@blueprint.post("/trust/banks")
@admin_required
def add() -> AnyResponse:
    """Put an uploaded picture, or that of a listing, into a bank; go back to the case."""
    form, by = request.form, reviewer_name()
    bank, product = form.get("bank", ""), form.get("product_id", "")
    if product:
        done = current_services().banks.add_from_listing(
            bank, product, form.get("image_id", ""), _about(), by
        )
    else:
        file = request.files.get("image")
        if file is None or not file.filename:
            raise InvalidQuery("choose a picture to put into the bank")
        done = current_services().banks.add(bank, file.read(), _about(), by)
    case_id = form.get("case_id", "")
    if case_id:
        fields = {name: form[name] for name in CASE_FIELDS if form.get(name)}
        fields |= _change(done)
        return redirect(f"/trust/cases/{quote(case_id, safe='')}?{urlencode(fields)}", 303)
    return redirect(_address({"bank": done.entry.bank, **_change(done)}), 303)


@blueprint.get("/trust/banks/<key>/remove")
@admin_required
def confirm_removal(key: str) -> Response:
    """Ask whether to remove an entry."""
    return desk_page(
        "banks_remove.html", entry=current_services().banks.entry(key), picture=image_url
    )


@blueprint.post("/trust/banks/<key>/remove")
@admin_required
def remove(key: str) -> AnyResponse:
    """Remove an entry from its bank."""
    entry = current_services().banks.remove(key, reviewer_name())
    return redirect(_address({"bank": entry.bank, "banked": "removed"}), 303)


@blueprint.post("/trust/banks/lists")
@admin_required
def import_list() -> Response:
    """Import a list of hashes into a bank, and show the lines that were left out."""
    file = request.files.get("list_file")
    if file is None or not file.filename:
        raise InvalidQuery("choose a file with a line `hash,quality` for each picture")
    bank = request.form.get("bank", "")
    done = current_services().banks.import_list(bank, file.stream, _about(), reviewer_name())
    return desk_page("banks_imported.html", path=HERE, done=done, bank=bank)


@blueprint.get("/trust/banks/<bank>.csv")
@sign_in_required
def export_list(bank: str) -> Response:
    """Answer with a bank's PDQ hashes as `hash,quality`."""
    answer = Response(
        current_services().banks.export_list(bank), content_type="text/csv; charset=utf-8"
    )
    answer.headers["Content-Disposition"] = f'attachment; filename="{bank}.csv"'
    return answer


def _about() -> EntryDetails:
    form = request.form
    return EntryDetails(
        reason=form.get("reason", ""),
        rights_holder=form.get("holder", ""),
        policy=form.get("policy", ""),
        list=form.get("list", ""),
    )


def _change(done: Addition) -> dict[str, str]:
    """Return the fields that `recent_bank_change` reads."""
    fields = {"banked": "added" if done.is_new else "known"}
    if done.blocked_listings.case_ids:
        fields |= {
            "listings": str(done.blocked_listings.count),
            "case": done.blocked_listings.case_ids[0],
        }
    return fields


def _address(fields: dict[str, str]) -> str:
    return f"{HERE}?{urlencode(fields)}" if fields else HERE
