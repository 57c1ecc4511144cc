"""fenban user: accounts from the command line."""

from __future__ import annotations

import argparse
from typing import Any

from corpus.errors import FenbanError
from service.commands.store import opened_store, read_settings

ROLES = ("clerk", "analyst", "admin")


def add_parser(subparsers: Any) -> None:
    """Adds the command and its actions to the parser."""
    parser = subparsers.add_parser("user", help="add accounts, invite them anew, list them")
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    add = actions.add_parser("add", help="add an account and print its one-time link")
    add.add_argument("name", help="name to sign in with")
    add.add_argument("--display-name", default="", help="name that colleagues see")
    add.add_argument("--role", action="append", choices=ROLES, required=True, help="may be given several times")
    add.add_argument("--unit", action="append", default=[], help="code of a unit it works for; several times")
    add.set_defaults(run=run_add)
    invite = actions.add_parser("invite", help="print a new one-time link, for a forgotten password")
    invite.add_argument("name")
    invite.set_defaults(run=run_invite)
    actions.add_parser("list", help="the accounts").set_defaults(run=run_list)


def run_add(options: argparse.Namespace) -> int:
    """Adds an account; prints the link by which its person chooses the password."""
    from service.office import load_office
    from service.store.accounts import add_account, invite
    from service.store.audit import COMMAND_LINE, audited

    settings = read_settings()
    registry = load_office(settings).registry
    if any(unit not in registry for unit in options.unit):
        raise FenbanError("--unit: not in the registry of units; give codes such as T03")
    with opened_store(settings) as store, audited(store, COMMAND_LINE) as work:
        account = add_account(work, options.name, options.display_name, options.role, options.unit)
        token = invite(work, account.key)
    return _print_link(settings.host, settings.port, token)


def run_invite(options: argparse.Namespace) -> int:
    """Prints a new link for an account."""
    from sqlalchemy import select

    from service.store.account_tables import AccountRow
    from service.store.accounts import invite
    from service.store.audit import COMMAND_LINE, audited

    settings = read_settings()
    with opened_store(settings) as store, audited(store, COMMAND_LINE) as work:
        key = work.session.scalar(select(AccountRow.key).where(AccountRow.name == options.name))
        if key is None:
            raise FenbanError("no account of this name; see fenban user list")
        token = invite(work, key)
    return _print_link(settings.host, settings.port, token)


def run_list(_options: argparse.Namespace) -> int:
    """Prints a line for every account."""
    from sqlalchemy import select

    from service.store.account_tables import AccountRow

    with opened_store(read_settings()) as store, store.read() as session:
        for row in session.scalars(select(AccountRow).order_by(AccountRow.key)):
            state = "" if row.active else "  switched off"
            print(f"{row.key}  {row.name}  {','.join(row.roles)}  {','.join(row.units) or '-'}{state}")
    return 0


def _print_link(host: str, port: int, token: str) -> int:
    print(f"http://{host}:{port}/setup#token={token}")
    return 0
