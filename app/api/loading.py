"""How far the loads that run now are."""

from apiflask import APIBlueprint

from app.contract.loading import LoadingOut
from app.services import current_services

blueprint = APIBlueprint("loading", __name__, tag="Products")


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
