"""``python -m indexer expire``: removes expired shoppers' photos."""

from datetime import UTC, datetime

import click

from core.command_line import report_errors
from core.environment import Environment
from core.progress import Work, show_progress
from features.imaging.thumbnails import Thumbnails
from mappings.catalogue.shopper_photos import ShopperPhotos
from mappings.engine.connection import EngineSettings, connect


@click.command()
@report_errors()
def expire() -> None:
    """Remove expired shoppers' photos, which searches ignore already.

    Run it regularly, for instance daily. Two runs at once do no harm.
    """
    environment = Environment.current()
    settings = EngineSettings.from_env(environment)
    photos = ShopperPhotos(connect(settings), settings.index)
    copies = Thumbnails(environment.state_dir() / "shoppers")
    products = removed = 0
    with show_progress(Work("removing", "photos")) as progress:
        for _, image_ids in photos.expire(datetime.now(UTC)):
            products, removed = products + 1, removed + len(image_ids)
            for image_id in image_ids:
                if not photos.has_photo(image_id):
                    copies.remove(image_id)
            progress.advance(len(image_ids))
    click.echo(f"{removed} photos of {products} products removed")
