"""What the portal makes words of: a service's password rules, what breaks them, and a login shown masked."""

from __future__ import annotations

from functools import lru_cache

from handlers.model.errors import Fault
from handlers.model.service import CharacterClass, PasswordPolicy
from handlers.rules.addresses import mask
from portal.voice import Voice, phrase

NOTABLE_MAXIMUM = 64
"""A longer limit is nothing a person choosing a password has to know beforehand."""

CLASSES: dict[CharacterClass, str] = {
    "upper": phrase("a capital letter"),
    "lower": phrase("a small letter"),
    "digit": phrase("a digit"),
    "symbol": phrase("a special character (such as ! ? * _)"),
}

Faults = tuple[tuple[str, tuple[str, ...]], ...]
"""What is wrong with a form: each field's name, and what to mend, sentence by sentence."""

EMPTY = phrase("Type the new password.")
NOT_REPEATED = phrase("The two passwords are not the same. Type the same one twice.")
NO_OLD = phrase("Type the password you use now.")
WRONG_OLD = phrase("This is not the password you use now.")


FAULTS = {
    "too_short": phrase("It is too short: use at least %(limit)s characters."),
    "blank_around": phrase("It begins or ends with a space. Remove it."),
    "too_long": phrase("It is too long: use at most %(limit)s characters."),
    "needs_upper": phrase("It needs a capital letter."),
    "needs_lower": phrase("It needs a small letter."),
    "needs_digit": phrase("It needs a digit."),
    "needs_symbol": phrase("It needs a special character (such as ! ? * _)."),
    "too_common": phrase("It is too easy to guess: many people use it or one like it. Choose another."),
    "used_before": phrase("You have used this password before. Choose one that is new."),
    "contains_personal": phrase("It contains your login, address or name, or the name of the service. Choose another."),
}
OTHER_FAULT = phrase("It cannot be used. Choose another.")


def fault(one: Fault, voice: Voice) -> str:
    """What is wrong with a password, and what would be right."""
    return voice.say(FAULTS.get(one.code, OTHER_FAULT), limit=one.limit)


def unproven(voice: Voice, typed: str, field: str = "password") -> Faults:
    """What stands beside the field of the password that whoever is signed in types once more: none, or a wrong one."""
    return ((field, (voice.say(WRONG_OLD if typed else NO_OLD),)),)


@lru_cache
def rules(policy: PasswordPolicy, voice: Voice) -> tuple[str, ...]:
    """The service's rules for a new password, then its advice, as sentences."""
    advice = (
        voice.say("Advice: add %(classes)s to make it safer.", classes=_listed(policy.advise, voice))
        if policy.advise
        else ""
    )
    required = voice.say("With %(classes)s.", classes=_listed(policy.require, voice)) if policy.require else ""
    guess = voice.say("Nothing easy to guess: no common password, nor your login, address or name in it.")
    return tuple(line for line in (_length(policy, voice), required, guess, advice) if line)


def masked(login: str) -> str:
    """The customer's login as its owner recognises it and nobody else learns it."""
    if "@" in login:
        return mask(login)
    return f"{login[:2]}•••{login[-1]}" if len(login) > 5 else f"{login[:1]}•••"


def _length(policy: PasswordPolicy, voice: Voice) -> str:
    if policy.max_length > NOTABLE_MAXIMUM:
        return voice.say("At least %(least)s characters.", least=policy.min_length)
    return voice.say("%(least)s to %(most)s characters.", least=policy.min_length, most=policy.max_length)


def _listed(classes: tuple[CharacterClass, ...], voice: Voice) -> str:
    """ "a, b and c" in the reader's language."""
    return voice.listed([voice.say(CLASSES[one]) for one in classes])
