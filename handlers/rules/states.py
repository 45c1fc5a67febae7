"""The life of a case: one table of moves, and the picture made from it."""

from __future__ import annotations

from handlers.model.case import State

MOVES: dict[State, tuple[State, ...]] = {
    "new": ("claimed", "issued", "refused"),
    "claimed": ("issued", "refused"),
    "issued": ("opened", "redeemed", "expired", "undelivered", "refused"),
    "opened": ("issued", "redeemed", "expired", "refused"),
    "expired": ("issued", "refused"),
    "undelivered": ("issued", "opened", "redeemed", "expired", "refused"),
    "redeemed": (),
    "refused": (),
}
"""Where a case may go from each state; a state that leads nowhere is an end. Staying is always possible but there."""


def is_over(state: State) -> bool:
    """Whether a case in this state is done with."""
    return not MOVES[state]


def may_move(state: State, to: State) -> bool:
    """Whether a case may go from one state to the other."""
    return to in MOVES[state] or (to == state and not is_over(state))


def diagram() -> str:
    """The table as a Mermaid state diagram; `docs/states.md` shows it."""
    moves = [f"    {state} --> {to}" for state, targets in MOVES.items() for to in targets]
    ends = [f"    {state} --> [*]" for state in MOVES if is_over(state)]
    return "\n".join(["stateDiagram-v2", "    [*] --> new", *moves, *ends])
