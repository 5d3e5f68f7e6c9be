"""How far the loads that run now are."""

from apiflask import APIBlueprint
from pydantic import BaseModel, Field

from app.services import current_services

blueprint = APIBlueprint("loading", __name__, tag="Products")


class LoadingOut(BaseModel):
    """The loads that run now, as far as they share this server's state folder."""

    loading: bool = Field(description="whether products are being loaded now")
    products: int = Field(description="products loaded so far, by the loads that run now")
    total: int = Field(description="about how many they load in all")
    pending: int = Field(
        description="products already loaded whose slow features, such as text in pictures, are "
        "still to come; each of them names these in its `pending`"
    )


@blueprint.get("/api/v1/loading")
@blueprint.output(LoadingOut)
@blueprint.doc(summary="Show how far a load is")
def loading() -> LoadingOut:
    """Answer with counts while products are loaded; the index can be searched meanwhile."""
    status = current_services().loading
    if status is None:
        return LoadingOut(loading=False, products=0, total=0, pending=0)
    return LoadingOut(
        loading=True, products=status.products, total=status.total, pending=status.pending
    )
