"""What the writer says about the account: logins, addresses, whose it is. A missing claim is better than a wrong one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from handlers.model.account import AccountKind
from handlers.model.mail import Claims, ServiceNames
from mailin.text import fold

CHARACTERS = 8000
LOGINS = 5
ADDRESSES = 10

ADDRESS = re.compile(r"(?<![\w.+%@-])[\w+%-][\w.+%'-]{0,63}@(?:[\w-]{1,63}\.){1,8}[^\W\d_]{2,24}(?![\w@-])")

# Patterns meet folded text. A login's name, some words that may follow it, then what links it to its value.
LOGIN_NAME = (
    r"(?:identifiants?|idientifiant|identifian|identifiant client|logins?|log in|nom d ?'?utilisateur|nom utilisateur|pseudo(?:nyme)?|"
    r"nom de compte|user ?names?|user ?ids?|user|account names?|login ids?|sign-?in names?|kullanici ?ad(?:im|imiz|i)?|"
    r"kullanici kod(?:um|u)|uye ad(?:im|i)|numero (?:de )?client|n[°o] (?:de )?client|customer (?:number|id|no)|client (?:number|id)|"
    r"musteri (?:no|numaram|numarasi|kodum|kodu)|uyelik no|uye no)"
)
FILLER = (
    r"(?: (?:de connexion|client|du compte|de compte|pour le compte|utilisateur|chez vous|actuel|habituel|name|for the account|at your shop|"
    r"on your site|account|bilgim|bilgisi|numaram|total care|shopfactory(?: cloud)?|cloud|connectprof|o2switch|esp|opcommerce|l'opcommerce)){0,3}"
)
LINK = r"(?P<link> ?\((?=\S+\)) ?| ?[:=]\s{0,3}| ?-> ?| (?:est|etait|c'est|is|was|is still|est toujours|est bien|sera|dir|:)(?: (?:le|the))?(?: ?[:=])? | )"
VALUE = r"(?P<quote>[\"'«“‘]\s?)?(?P<value>[^\W_][\w.@+-]{1,63})"
LOGIN = re.compile(rf"\b{LOGIN_NAME}{FILLER}{LINK}{VALUE}")
LOGIN_BEFORE = re.compile(
    rf"(?P<quote>[\"'«“‘]\s?)?(?<![\w.@+-])(?P<value>[^\W_][\w.@+-]{{1,63}})[\"'»”’]? (?:(?:est|is|was|etait) (?:mon|my|notre|our|the|l')? ?(?:{LOGIN_NAME})"
    r"|(?:kullanici ad(?:iyla|i ile|li|im)|isimli kullanici|adli (?:hesab|kullanici|uye)|musteri numara))"
)
ACCOUNT = re.compile(
    r"\b(?:compte|account|hesap|hesabim)(?P<link> ?[:=]\s{0,3}| n[°o] ?| (?:est|is) | )(?P<quote>[\"'«“‘]\s?)?(?P<value>[^\W_][\w.@+-]{1,63})"
)
CLAUSE_END = re.compile(
    r"\s?[\"'»”’)]?\s{0,3}(?:$|[.,;!?)](?:\s|$)|\n| (?:et|and|ve|mais|but|ama)\b|-? ?(?:merci|thanks|tesekkur))"
)

# Words that stand where a login could, in folded form; nobody's login is one of them.
ORDINARY = frozenset(
    """
    a ai alors as au aussi aux avec bien bloque bloquee bon bonjour car ce cela celui ces cet cette chez ci comme comment compte connu correct
    correcte d dans de depuis des donc du elle en encore est et faux fonctionne il inconnu inconnue incorrect incorrecte introuvable invalide
    je l la le les lie lui ma mais mal manquant me meme mes moi mon ne ni non nos notre nouveau nous nul on ou oublie oubliee oui par pas
    perdu perdue plus pour pourtant probleme qu quand que quel quelle qui rejete refuse reconnu rien sa sans se ses si son sous sur svp ta tel
    toujours toute tres trop tu un une valable valide votre vous y joint indique suivant suivante ci-dessous ci-joint mentionne pas-bon
    merci cordialement salut aide urgent client clients utilisateur connexion passe mot mdp motdepasse adresse mail email e-mail courriel
    telephone nom prenom site boutique societe entreprise association code
    the an and any are as at be been but by can cannot correct did does dont either fine for forgotten from gone good had has have help here
    i if in incorrect invalid is it its just known lost missing my name no none not now of off ok on or our please possible recognized
    right same so still that their them then there these they this to too unknown up valid was we were what when which who why will with
    working wrong yes you your below above blocked locked expired page screen button form info details problem issue does unavailable
    password address account email phone user username login number customer service support thanks hello hi attached following follows
    acaba adi adim ama artik aynisi bana ben benim bilmiyorum bir biz bu cok da daha de degil dogru eposta eski gecersiz gibi hata hatali
    hatirlamiyorum hem hesap hesabim icin ile ise kayip kayitli ki kim kod lutfen mi mu merhaba mevcut musteri ne neden nedir neydi nasil o ve
    olarak oldu oldugu olmadi olan onu parola parolam sifre sifrem sifremi sizde sonra su telefon tesekkurler unuttum unutmusum uzerinden
    var veya vs ya yanlis yeni yok yoktu bulunamadi bulunmuyor calismiyor aktif pasif kapali acik bilgileri bilgim bilgisi istiyor
    """.split()
)
ORDINARY_ENDING = re.compile(
    r".*(?:ees?|ables?|ibles?|ment|ant|ante|ique|iyor|iyorum|uyorum|madim|medim|mistir|mis|tir|dir|ing|ed|ly|tion|ance)"
)
NO_LOGIN = re.compile(
    r"\d{1,2}[./-]\d{1,2}[./-]\d{2,4}|\d{1,3}|\d+(?:h|fa|min|x|eme|er|th|nd|st|rd|ans|jours|mois)|www\..*|.*@|https?.*|v\d.*"
)

NEW_CUE = re.compile(
    r"nouvel(?:le)? (?:adresse|adr|mail|e-?mail|courriel)|nouveau (?:mail|courriel|contact)|new (?:contact )?(?:e-?mail|address|mail)|current (?:e-?mail|address) is|"
    r"yeni (?:e-?posta|mail|e-?mail|adres)|remplac\w* .{0,40}\b(?:par|with|by)|(?:par|with) (?:celle-ci|this one)|(?:chang|modif|met|updat|switch|set)\w* "
    r".{0,80}\b(?:en|pour|par|to)\b|desormais|dorenavant|adresse actuelle|use instead|a utiliser|adresse de remplacement|bundan sonra|artik su|now (?:is|use)"
)
NEW_AFTER = re.compile(
    r"['’]?(?:\w{1,4})? (?:olarak|ile|adresine?)\b.{0,20}(?:degis|guncel)|['’](?:y|n)?[ae] (?:degis|guncel|cevir)|['’](?:y)?la degis|\s?adresiyle degis"
)
OLD_CUE = re.compile(
    r"(?:ancien(?:ne)?s?|old|eski|former|previous|plus acces|no longer|adresse enregistree|remplac\w*|de l'adresse|from|chang\w+|instead of|au lieu de|a la place de)\b[^@]{0,50}$"
)
OLD_AFTER = re.compile(
    r"['’]?\w{0,4} (?:yerine|adresinden|n'existe plus|n'est plus|no longer|by|par|with|to|artik|adresime artik)\b"
)
REACH = 120  # characters between a cue and its address

KINDS: dict[AccountKind, re.Pattern[str]] = {
    "association": re.compile(
        r"\b(?:associations?|asso|loi 1901|association's|non-?profit|charity|dernek|dernegi\w*|vakif|vakfi\w*|club sportif)\b"
    ),
    "company": re.compile(
        r"\b(?:entreprise|societe|sarl|sas|sasu|eurl|k-?bis|notre boite|auto-?entrepren\w+|micro-?entreprise|compan(?:y|ies)|ltd|limited company|"
        r"gmbh|our business|sirket\w*|firma\w*|ltd\.? sti|a\.s\.|anonim sirket\w*|limited sirket\w*)(?!\w)"
    ),
    "individual": re.compile(
        r"\b(?:particulier|a titre (?:personnel|prive)|personne physique|private (?:individual|person|customer)|individual|personal account|bireysel|sahis|sahsi)\b"
    ),
}
NOT_OWNER = re.compile(
    r"\b(?:je suis|c'est|en tant que|en qualite de|ici) (?:le |la |l'|un |une |son |sa |leur |votre |du )?(?:nouve(?:au|lle) )?(?:webmaste?r|web ?master|prestataire|infogerant|"
    r"agence|developp\w+|integrat\w+|freelance|graphiste|technicien\w*|sous-traitant)"
    r"|\b(?:pour|au nom de|de la part de|pour le compte de|compte de|celui de|demande de|site de) (?:l'un de |un de |une de )?(?:mon|ma|mes|nos|notre|l'un de mes|un|une) client(?:e|s|es)?\b"
    r"|\bmon client(?:e)? (?:a|n'a|ne|souhaite|voudrait|m'a|vient|est)\b"
    r"|\bcompte (?:client )?(?:de|du|d') ?(?:mon|ma) (?:mari|femme|epou\w+|pere|mere|fils|fille|frere|soeur|patron|employeur|ami|amie|collegue|voisin)\b"
    r"|\b(?:i am|i'm|im|as) (?:the |a |an |his |her |their )?(?:webmaster|web ?master|web developer|developer|agency|freelancer|contractor|it consultant|web designer)\b"
    r"|\b(?:for|on behalf of|of|from) (?:a |one of )?(?:my|our) (?:clients?|customers?)\b|\bmy client(?:'s| has| can| lost| forgot| wants| is)\b|\bon behalf of\b"
    r"|\baccount of my (?:husband|wife|father|mother|boss|friend|son|daughter|colleague)\b|\bmy (?:husband|wife|father|mother|boss|friend|colleague)'s account\b"
    r"|\bmusteri(?:m|miz)(?:in)? (?:adina|icin|hesab\w*|sifre\w*|sunu|unuttu)|\bmusteri(?:min|mizin)\b|\bmusterim\b|\bwebmaster(?:'?iyim|i olarak| olarak|im)|"
    r"\bajans(?:iz|iyiz| olarak|tan yaziyorum)|\b(?:esimin|babamin|annemin|patronumun|arkadasimin|kardesimin) hesab\w*|web (?:tasarimci|gelistirici)siyim|\badina yaziyorum"
)
NOT_THEM = re.compile(r"\b(?:ne suis pas|suis pas|am not|i'm not|degilim|pas le)\b")


def claims_of(subject: str, text: str, services: Sequence[ServiceNames], mailboxes: Sequence[str]) -> Claims:
    """What a mail claims; `mailboxes` are the addresses it was sent to, which name the service when its words do not."""
    text = text[:CHARACTERS]
    both = f"{subject}\n\n{text}"
    folded = fold(both)
    own = {address.lower() for service in services for address in service.mailboxes}
    addresses = [(match.start(), match[0]) for match in ADDRESS.finditer(both) if match[0].lower() not in own]
    return Claims(
        service=_service(both, folded, services, mailboxes),
        logins=_logins(both, folded, own),
        addresses=_unique([address for _, address in addresses])[:ADDRESSES],
        new_address=_new_address(folded, addresses),
        account_kind=next((kind for kind, pattern in KINDS.items() if pattern.search(folded)), None),
        not_owner=_not_owner(folded),
    )


def _unique(values: Sequence[str]) -> tuple[str, ...]:
    return tuple({value.lower(): value for value in reversed(values)}.values())[::-1]


def _service(text: str, folded: str, services: Sequence[ServiceNames], mailboxes: Sequence[str]) -> str | None:
    """The service the words name, if they name one only; else the one whose mailbox the mail came to."""
    sent_to = {address.lower() for address in mailboxes}
    named = [
        service.id
        for service in services
        if any(_names(name, text, folded) for name in (service.name, *service.aliases))
    ]
    reached = [service.id for service in services if any(box.lower() in sent_to for box in service.mailboxes)]
    both = [service for service in named if service in reached]
    return next(iter(both or (named if len(named) == 1 else reached)), None)


def _names(name: str, text: str, folded: str) -> bool:
    """Whether a service is named; a name of three letters counts in capitals only, as it may be a word."""
    if len(name) <= 3:
        return re.search(rf"(?<!\w){re.escape(name.upper())}(?!\w)", text) is not None
    return re.search(rf"(?<![\w@.]){re.escape(fold(name))}(?!\w|\.example)", folded) is not None


def _logins(text: str, folded: str, own: set[str]) -> tuple[str, ...]:
    found = sorted(_login_matches(folded), key=lambda match: match.start("value"))
    values = [
        text[match.start("value") : match.end("value")].rstrip(".-+_@") for match in found if _plausible(match, folded)
    ]
    return _unique([value for value in values if value.lower() not in own])[:LOGINS]


def _login_matches(folded: str) -> Iterator[re.Match[str]]:
    for pattern in (LOGIN, LOGIN_BEFORE, ACCOUNT):
        yield from pattern.finditer(folded)


def _plausible(match: re.Match[str], folded: str) -> bool:
    """Whether the word where a login could stand is one: never an ordinary word, and sure of it the less its shape tells."""
    value = match["value"].rstrip(".-+_@")
    if len(value) < 2 or value in ORDINARY or NO_LOGIN.fullmatch(value) or "mot de passe" in match[0]:
        return False
    if re.search(r"\d", value) or "@" in value:
        linked = match.re is not ACCOUNT or re.search(r"\D", value) is not None or match["link"].strip() != ""
        return linked and not re.fullmatch(r"[\d.]{1,3}", value)
    if match.re is not LOGIN:
        return False
    if match["quote"]:
        return True
    ended = CLAUSE_END.match(folded, match.end("value")) is not None or value != match["value"]
    if re.search(r"[._-]", value):
        return ended or ":" in match["link"]
    return (
        ended and not ORDINARY_ENDING.fullmatch(value) and (bool(match["link"].strip()) or "kullanici ad" in match[0])
    )


def _new_address(folded: str, addresses: Sequence[tuple[int, str]]) -> str | None:
    """The address that shall replace the old one: the one behind a cue, not the one called old."""
    cues = [match.end() for match in NEW_CUE.finditer(folded)]
    best: tuple[int, str] | None = None
    for at, address in addresses:
        after = folded[at + len(address) : at + len(address) + 60]
        if NEW_AFTER.match(after):
            return address
        if OLD_AFTER.match(after) or OLD_CUE.search(folded[max(0, at - 60) : at]) and not _cue_closer(folded, cues, at):
            continue
        distance = min((at - cue for cue in cues if 0 <= at - cue <= REACH), default=None)
        if distance is not None and (best is None or distance < best[0]):
            best = (distance, address)
    return best[1] if best else None


def _cue_closer(folded: str, cues: Sequence[int], at: int) -> bool:
    """Whether a cue for the new address stands right before this one."""
    return any(0 <= at - cue <= 25 and "@" not in folded[cue:at] for cue in cues)


def _not_owner(folded: str) -> bool:
    found = NOT_OWNER.search(folded)
    return found is not None and NOT_THEM.search(folded[max(0, found.start() - 15) : found.end() + 12]) is None
