"""Who may change products: programs with the writers' token."""

from app.accounts.bearer_token import is_token, sent_token
from app.accounts.errors import Forbidden, SignInNeeded
from app.services import current_services
from indexer.live.live_service import LiveService


def live_service() -> LiveService:
    """Return what products are changed with.

    Raises Forbidden where nobody may change them here, SignInNeeded for a wrong token.
    """
    live = current_services().shared.live
    if not live.settings.token:
        raise Forbidden(
            "products cannot be changed over HTTP here: set LOOKALIKE_WRITER_TOKEN on the server"
        )
    if not is_token(sent_token(), live.settings.token):
        raise SignInNeeded(
            "send the server's LOOKALIKE_WRITER_TOKEN as Authorization: Bearer TOKEN"
        )
    return live
