"""Bodies that cannot be parsed are refused: Flask would go on as if nothing had been sent."""

from collections.abc import Mapping
from typing import IO, Any

from flask import Request
from werkzeug.exceptions import BadRequest
from werkzeug.formparser import FormDataParser


class StrictFormDataParser(FormDataParser):
    """Raises BadRequest for a malformed form."""

    def parse(
        self,
        stream: IO[bytes],
        mimetype: str,
        content_length: int | None,
        options: Mapping[str, str] | None = None,
    ) -> Any:
        """Return stream, fields and files as Werkzeug's own parser does."""
        self.silent = False
        try:
            return super().parse(stream, mimetype, content_length, dict(options or {}))
        except ValueError as error:
            raise BadRequest(
                "the form cannot be read; send all of it, with the boundary that its "
                "Content-Type names"
            ) from error


class StrictRequest(Request):
    """A request whose form is either read whole or refused."""

    form_data_parser_class = StrictFormDataParser
