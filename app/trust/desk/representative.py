"""Another picture of a case as its representative, as a pure function.

All pictures stay in the case and keep the evidence they have: what was compared with what is turned
round where it leads to the new representative.
"""

from dataclasses import replace

from app.trust.desk.case import Case, Member
from app.trust.desk.case_policy import CasePolicy, ListingOwner
from app.trust.desk.groups import GroupMember, PicturePair, Rank, build_groups
from app.trust.examination.evidence import ListingPicture, PairFinding
from core.errors import InvalidQuery


def with_representative(case: Case, key: str, policy: CasePolicy) -> Case:
    """Return the case with the picture of this `ListingPicture.key` as its representative.

    Listings that are no dispute with the new one under the policy become its relatives, and those
    of the old one are asked about. Raises InvalidQuery for a picture that is not in the case.
    """
    chosen = {picture.key: picture for picture in case.pictures}.get(key)
    if chosen is None:
        raise InvalidQuery(f"{key[:120]!r} is not a picture of this case")
    if chosen == case.representative:
        return replace(case, is_representative_fixed=True)
    findings = {
        (member.picture, case.other_picture(member)): member.finding
        for member in (*case.members, *case.relatives)
    }
    ages: dict[ListingPicture, int] = {case.representative: 0}
    for pair in findings:
        for picture in pair:
            ages.setdefault(picture, len(ages))

    def rank(picture: ListingPicture) -> Rank:
        return (f"{ages[picture]:06d}",)

    def is_relative(a: str, b: str) -> bool:
        nobody = ListingOwner()
        return not policy.opens(case.owners.get(a, nobody), case.owners.get(b, nobody))

    def with_evidence(member: GroupMember) -> Member:
        finding = findings.get((member.picture, member.other))
        if finding is None:
            finding = inverted(findings[member.other, member.picture], member.picture)
        return Member(finding, compared_with=member.other)

    pairs = [PicturePair(a, b, finding.p_same_photo) for (a, b), finding in findings.items()]
    (group,) = build_groups(pairs, rank, is_relative, [chosen])
    return replace(
        case,
        representative=chosen,
        members=tuple(map(with_evidence, group.members)),
        relatives=tuple(map(with_evidence, group.relatives)),
        is_representative_fixed=True,
    )


def inverted(finding: PairFinding, picture: ListingPicture) -> PairFinding:
    """Return a finding from the other side: `picture` was the one examined."""
    alignment = finding.alignment.inverted() if finding.alignment else None
    return replace(finding, picture=picture, alignment=alignment)
