"""The message that tells others of a decision: for the webhook and for the event log."""

from app.trust.desk.case import Case, Member
from app.trust.desk.decision import Decision
from app.trust.examination.evidence import ListingPicture
from app.trust.examination.transformation import name_transformations
from features.base import Json

STRONGEST = 5
"""Contributions to P(same photo) that a message names."""


def message(case: Case, decision: Decision) -> Json:
    """Return the message of a decision; its `id` stays the same however often it is delivered."""
    return {
        "id": decision.id,
        "type": f"case.{decision.action}",
        "at": decision.at.isoformat(),
        "reviewer": decision.reviewer,
        "policy": decision.policy,
        "comment": decision.comment,
        "undoes": decision.undoes,
        "case": {
            "id": case.id,
            "queue": case.queue,
            "round": case.round,
            "representative": _picture(case.representative),
            "members": [_member(member, decision) for member in case.members],
        },
    }


def _member(member: Member, decision: Decision) -> Json:
    finding = member.finding
    return {
        **_picture(member.picture),
        "label": finding.label,
        "p_same_photo": finding.p_same_photo,
        "verdict": decision.verdicts.get(member.picture.key),
        "evidence": {
            "label": finding.label,
            "p_same_photo": finding.p_same_photo,
            "p_same_product": finding.p_same_product,
            "difference": finding.difference,
            "contributions": [
                {"signal": each.signal, "value": each.value, "log_odds": each.log_odds}
                for each in finding.contributions[:STRONGEST]
            ],
        },
        "transformations": [
            {"name": each.name, "amount": each.amount}
            for each in (name_transformations(finding.alignment) if finding.alignment else ())
        ],
    }


def _picture(picture: ListingPicture) -> Json:
    return {"product_id": picture.product_id, "image_id": picture.image_id}
