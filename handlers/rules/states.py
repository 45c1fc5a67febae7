"""The life of a case: one table of moves, and the picture made from it."""

from __future__ import annotations

from handlers.model.case import Action, Case, State

OVER: tuple[State, ...] = ("redeemed", "refused", "cancelled")
"""The ends; only whoever says "it was not me" opens such a case again."""

MOVES: dict[State, tuple[State, ...]] = {
    "new": ("claimed", "waiting", "review", "pending", "issued", "refused", "cancelled", "frozen"),
    "claimed": ("waiting", "review", "pending", "issued", "refused", "cancelled", "frozen"),
    "waiting": ("new", "claimed", "review", "pending", "issued", "expired", "refused", "cancelled", "frozen"),
    "review": ("claimed", "waiting", "pending", "issued", "expired", "refused", "cancelled", "frozen"),
    "pending": ("claimed", "issued", "redeemed", "expired", "refused", "cancelled", "frozen"),
    "issued": (
        *("claimed", "opened", "redeemed", "expired", "undelivered", "waiting", "review", "pending"),
        *("refused", "cancelled", "frozen"),
    ),
    "opened": (
        *("claimed", "issued", "redeemed", "expired", "waiting", "review", "pending"),
        *("refused", "cancelled", "frozen"),
    ),
    "expired": ("claimed", "waiting", "review", "pending", "issued", "refused", "cancelled", "frozen"),
    "undelivered": (
        *("claimed", "issued", "opened", "redeemed", "expired", "waiting", "review", "pending"),
        *("refused", "cancelled", "frozen"),
    ),
    "frozen": ("new", "claimed"),
    "redeemed": ("frozen",),
    "refused": ("frozen",),
    "cancelled": ("frozen",),
}
"""Where a case may go from each state. Staying is always possible, but where it is over."""


LEADS: dict[Action, tuple[State, ...]] = {
    "send_link": ("issued",),
    "send_code": ("issued",),
    "send_temporary_password": ("issued",),
    "reactivate_account": ("issued",),
    "request_documents": ("waiting", "review"),
    "review_documents": ("claimed", "waiting", "refused"),
    "change_address": ("pending",),
    "reset_second_factor": ("pending",),
    "refuse": ("refused",),
    "freeze": ("frozen",),
}
"""In which states an action may leave a case, where it moves it; only what is possible is permitted."""


def is_over(state: State) -> bool:
    """Whether a case in this state is done with."""
    return state in OVER


def may_move(state: State, to: State) -> bool:
    """Whether a case may go from one state to the other."""
    return to in MOVES[state] or (to == state and not is_over(state))


def leads_to(action: Action, case: Case) -> tuple[State, ...]:
    """Every state in which the action may leave the case; none where it stays as it is."""
    if action != "approve":
        return LEADS.get(action, ())
    if case.state == "frozen":
        return ("claimed",) if case.claimed_by else ("new",)
    return ("issued",) if case.proposal and case.proposal.action == "reset_second_factor" else ()


def diagram() -> str:
    """The table as a Mermaid state diagram; `docs/states.md` shows it."""
    moves = [f"    {state} --> {to}" for state, targets in MOVES.items() for to in targets]
    ends = [f"    {state} --> [*]" for state in OVER]
    return "\n".join(["stateDiagram-v2", "    [*] --> new", *moves, *ends])
