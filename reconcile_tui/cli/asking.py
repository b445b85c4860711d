"""The four scoping questions, asked on a terminal or answered by defaults."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import click

from reconcile_tui.errors import UsageError
from reconcile_tui.steps.init import Answers, embedded


def ask_questions(given: Mapping[str, str | None], *, sandbox: bool, yes: bool) -> Answers:
    """Ask what was not given. Without a terminal (`yes`) the address must be given. Raises UsageError."""
    answers = Answers()
    if sandbox:
        return embedded(answers)
    if yes:
        if not given["url"]:
            raise UsageError(
                "Without a terminal the answers must be given.",
                todo="For example: reconcile-tui init DIR --dynamics https://contoso.crm4.dynamics.com --tenant contoso.com --client-id ID",
            )
        return replace(answers, dynamics={key: value or "" for key, value in given.items()})
    click.echo("First, where the two systems are. Secrets are not asked for: they come from the environment.", err=True)
    dynamics = {
        "url": given["url"] or click.prompt("Dynamics address (https://<org>.crm<N>.dynamics.com)", err=True),
        "tenant": given["tenant"] or click.prompt("Entra tenant (id or domain)", err=True),
        "client_id": given["client_id"] or click.prompt("Client id of your app registration", err=True),
        "auth": given["auth"]
        or click.prompt(
            "Sign in with", type=click.Choice(["client_secret", "certificate", "device_code"]), default="client_secret", err=True
        ),
    }
    click.echo("Q1  Which record types are copied, and which way?", err=True)
    leads = click.confirm("    Are Dynamics leads copied as well as contacts?", default=True, err=True)
    two_way = click.confirm("    Do changes in HubSpot travel back to Dynamics?", default=True, err=True)
    click.echo("Q2  Which records qualify? (SQL conditions over the table's own columns)", err=True)
    contact = click.prompt("    Dynamics contacts", default=answers.dynamics_filter, err=True)
    lead = click.prompt("    Dynamics leads", default=answers.lead_filter, err=True) if leads else answers.lead_filter
    hubspot = click.prompt("    HubSpot contacts", default=answers.hubspot_filter, err=True) if two_way else "0"
    click.echo("Q3  Which fields? A map is proposed from the systems' metadata; you can edit it afterwards.", err=True)
    country = click.prompt(
        "    Country of phone numbers without a prefix (two letters, empty for none)", default="", show_default=False, err=True
    )
    click.echo("Q4  Which duplicates exist is what pull and match will answer.", err=True)
    return replace(
        answers,
        dynamics=dynamics,
        country=country.upper(),
        leads=leads,
        two_way=two_way,
        dynamics_filter=contact,
        lead_filter=lead,
        hubspot_filter=hubspot,
    )
