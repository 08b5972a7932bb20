"""Binding and checking: everything about a client that needs no server."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from liftgate.bindings import Binding, Bound, ViewSource, check_identifier
from liftgate.configuration import Credentials, Settings
from liftgate.engine.decision import Decision, Reason
from liftgate.errors import BindingError
from liftgate.views import Material, Reader, View

if TYPE_CHECKING:
    from liftgate.engine.limits import Reported
    from liftgate.engine.notices import Notice
    from liftgate.engine.share import Share
    from liftgate.tokens import Token, TokenMint

__all__ = ["Checks"]


class Checks:
    """The part of a client that answers; ``Client`` and ``testing.TestClient`` share it."""

    def __init__(self, settings: Settings, source: ViewSource, credentials: Credentials) -> None:
        self._settings = settings
        self._source = source
        self._credentials = credentials
        self._mint: TokenMint | None = None
        unbound = Material(missing=Reason.NO_CUSTOMER)
        self._unbound = View(unbound, reader=Reader(), settings=settings)
        self._bound = Bound(self._unbound)
        # A check reads the context variable and nothing else of the client.
        self._current_view = self._bound.view.get

    def customer(
        self,
        customer: str,
        user: str | None = None,
        *,
        locale: str | None = None,
        buyer: bool | None = None,
        minimum_version: int | None = None,
    ) -> Binding:
        """Return the binding of a customer, and of a user within it, for a ``with`` or ``async with`` block.

        ``locale`` is the reader's language; ``buyer`` says whether the user may buy, ``None`` leaves that to the
        server's list. ``minimum_version`` is a version of the customer that the caller has heard of, as in the
        ``Liftgate-Version`` header of a request repeated after an upgrade: older data is refreshed first.

        >>> # with client.customer("acme", user="u1", locale="de"):
        >>> #     export()
        """
        check_identifier(customer, what="customer")
        if user is not None:
            check_identifier(user, what="user")
        reader = Reader(user=user, is_buyer=buyer, language=locale)
        return Binding(self._bound, self._source, customer=customer, reader=reader, minimum_version=minimum_version)

    def check(self, gate: str, *, units: int | None = None, used: Reported | None = None) -> Decision:
        """Return the decision on a gate for the bound customer. Never asks the server, never raises.

        ``units`` is how many are asked for, ``used`` the host's own count: a number, or numbers by recurrence. In
        strict mode a gate that the catalogue lacks raises ``UnknownGate``.

        >>> # if client.check("boards.create", used=Board.count()): show_button()
        """
        if units is None and used is None:
            return self._current_view()[gate]
        return self._current_view().decide(gate, units=units, used=used)

    def gates(self) -> Mapping[str, Decision]:
        """Return the decisions on all gates for the bound customer, as for the locks of a navigation.

        Empty while there is no catalogue.

        >>> # locked = [key for key, decision in client.gates().items() if not decision]
        """
        view = self._current_view()
        snapshot = view.material.snapshot
        if snapshot is None:
            return {}
        catalogue = snapshot.catalogue
        return {key: view[key] for key in dict.fromkeys([*catalogue.gates, *catalogue.features])}

    def notices(self) -> tuple[Notice, ...]:
        """Return what the bound customer has to be told ahead of time, in the reader's language. Never asks the server.

        So far that is the end of the plan version they have: ``at`` is when, ``incentive`` what moving earlier brings.

        >>> # for notice in client.notices(): flash(notice.text)
        """
        # Imported late: few pages of a host app ask, and by then the engine has been loaded with the data.
        from liftgate.telling import notices_of  # noqa: PLC0415

        return notices_of(self._current_view())

    def share(self, gate: str, *, used: Reported | None = None) -> Share | None:
        """Return how much is used of what a gate counts, or of a feature, as numbers and as a sentence to be shown.

        Never asks the server. ``None`` where there is no limit to have a share of. ``offer`` is what to show to whoever
        wants more before it runs out; ``used`` is the host's own count, as in ``check``.

        >>> # share = client.share("seats"); flash(share.sentence)  # You use 78% of your seats. …
        """
        # Imported late, as above.
        from liftgate.telling import share_told  # noqa: PLC0415

        return share_told(self._current_view(), gate, used)

    def token(self, ttl_seconds: int = 600) -> Token:
        """Return a token with which the widget acts for the bound user. Made here, without asking the server.

        >>> # token = client.token(); token, token.expires_at
        """
        binding = self._need_binding()
        reader, state = binding.reader, self._current_view().material.state
        is_buyer = reader.is_buyer
        if is_buyer is None:
            is_buyer = state is not None and state.may_buy(reader.user)
        return self._token_mint().mint(
            binding.customer,
            user=reader.user,
            is_buyer=is_buyer,
            language=reader.language or (state.language if state is not None else None),
            now=self._settings.clock(),
            ttl_seconds=ttl_seconds,
        )

    @property
    def binding(self) -> Binding | None:
        """The binding that the code runs in, if any.

        >>> # client.binding.customer
        """
        return self._bound.binding

    def _need_binding(self) -> Binding:
        binding = self._bound.binding
        if binding is None:
            raise BindingError("No customer is bound: do this within `with client.customer(...)`.")
        return binding

    def _token_mint(self) -> TokenMint:
        if self._mint is None:
            # Imported late: most processes of a host app never make a token.
            from liftgate.tokens import TokenMint  # noqa: PLC0415

            self._mint = TokenMint(self._credentials)
        return self._mint

    def _note_refusal(self, decision: Decision) -> None:
        """Take note of a refused gate."""
        self._current_view().count(decision)
