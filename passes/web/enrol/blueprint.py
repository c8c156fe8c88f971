"""`/e/{slug}` and `/c/{token}`, put together."""

from flask import Blueprint

from passes.web import pages
from passes.web.enrol import card_page, confirming, enrolment, material, voucher
from passes.wiring import Services


def create_blueprint(services: Services) -> Blueprint:
    """The pages a customer sees."""
    blueprint = Blueprint("enrol", __name__)
    blueprint.before_request(pages.refuse_nul)
    material.add_routes(blueprint, services)
    enrolment.add_routes(blueprint, services)
    confirming.add_routes(blueprint, services)
    card_page.add_routes(blueprint, services)
    voucher.add_routes(blueprint, services)
    return blueprint
