"""The campaigns so far, for the list on the page and as a file."""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from flask import Response

from passes.campaigns import queries
from passes.campaigns.queries import CampaignView, Results
from passes.cards import wording
from passes.cards.face import Text
from passes.cells import plain_cell
from passes.clock import format_rfc3339
from passes.db.engine import UnitOfWork
from passes.merchants.queries import MerchantView
from passes.web.files import as_file

LIST_LENGTH = 100
_COLUMNS = ("id", "name", "state", "launched_at", "planned", "sent", "suppressed", "redemptions", "purchases")


@dataclass(frozen=True, slots=True)
class ListedCampaign:
    """A campaign with what became of it; `launched_on` is the day on the merchant's calendar, in words."""

    campaign: CampaignView
    results: Results
    launched_on: Text | None


def listed(uow: UnitOfWork, merchant: MerchantView, search: str) -> list[ListedCampaign]:
    """The merchant's newest campaigns whose name holds `search`."""
    found = queries.listing(uow, merchant.id, LIST_LENGTH, None).items
    wanted = [campaign for campaign in found if search.lower() in campaign.draft.name.lower()]
    results = queries.results_of(uow, merchant.id, [campaign.id for campaign in wanted])
    return [_listed(merchant, campaign, results[campaign.id]) for campaign in wanted]


def _listed(merchant: MerchantView, campaign: CampaignView, results: Results) -> ListedCampaign:
    at = campaign.launched_at
    launched_on = wording.day(at, merchant.time_zone) if at else None
    return ListedCampaign(campaign, results, launched_on)


def as_csv(campaigns: Sequence[ListedCampaign]) -> Response:
    """The campaigns as a file for a spreadsheet."""
    return table("campaigns", _COLUMNS, (_row(entry.campaign, entry.results) for entry in campaigns))


def table(name: str, columns: Sequence[str], rows: Iterable[Sequence[str | int]]) -> Response:
    """A list of the console as a file, `name`.csv; free text is made `plain_cell` by the caller."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(columns)
    writer.writerows(rows)
    return as_file(out.getvalue(), "text/csv; charset=utf-8", f"{name}.csv")


def _row(campaign: CampaignView, results: Results) -> tuple[str | int, ...]:
    return (
        campaign.id,
        plain_cell(campaign.draft.name),
        campaign.state,
        format_rfc3339(campaign.launched_at) if campaign.launched_at else "",
        results.planned,
        results.sent,
        sum(results.suppressed.values()),
        results.redemptions,
        results.purchases,
    )
