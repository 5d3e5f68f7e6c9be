"""The parameters and the answers of changing products."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

OUTCOMES = (
    "`created`, `updated` or `deleted`; `unchanged`: the product says this already; `absent`: "
    "there was nothing to delete; `superseded`: a newer change counts; and, with an error status, "
    "`unknown_product`, `changed_meanwhile`, `refused` or `unreadable`"
)


class ChangeParameters(BaseModel):
    """What a change takes in its address."""

    model_config = ConfigDict(extra="forbid")

    version: int | None = Field(
        None,
        ge=0,
        lt=2**63,
        description="the source's version of the product, larger for newer: a change with an older "
        "one has no effect. Without it, the later change counts",
    )
    source: str = Field(
        "",
        max_length=200,
        description="name of the source; versions of different sources are not compared",
    )
    refresh: Literal["", "wait_for"] = Field(
        "", description="wait_for: answer once searches find the change"
    )


class BulkParameters(BaseModel):
    """What a bulk request takes in its address."""

    model_config = ConfigDict(extra="forbid")

    refresh: Literal["", "wait_for"] = Field(
        "", description="wait_for: answer once searches find the changes"
    )


class LeftOutCell(BaseModel):
    """A cell or a picture that could not be used."""

    field: str
    rule: str = Field(description="the rule it breaks, a stable word")
    detail: str


class ChangeOut(BaseModel):
    """What became of a change."""

    id: str
    outcome: str = Field(description=OUTCOMES)
    etag: str | None = Field(
        description="the product's tag, for `If-Match`; null where there is no product, or where "
        "the change came to nothing before the product was read"
    )
    pending: list[str] = Field(
        description="slow features of its pictures that are still to be extracted"
    )
    left_out: list[LeftOutCell] = Field(description="what of the product could not be used")


class ItemOut(ChangeOut):
    """What became of a line of a bulk request."""

    line: int = Field(description="its number, from 1; empty lines do not count")
    status: int = Field(description="the HTTP status that it would have as a request of its own")
    code: str | None = Field(description="why nothing was done, for programs; null if it was")
    detail: str | None = Field(description="why nothing was done and what to do; null if it was")


class BulkOut(BaseModel):
    """What became of the lines of a bulk request."""

    errors: bool = Field(description="whether a line was refused")
    items: list[ItemOut] = Field(description="in the order of the lines")


class JobOut(BulkOut):
    """A request that took longer than a client waits."""

    job: str
    status: Literal["running", "finished", "failed"]
    total: int = Field(description="number of changes")
    detail: str | None = Field(description="why it was given up; null unless failed")
