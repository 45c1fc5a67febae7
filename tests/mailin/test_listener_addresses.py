"""What stands behind MAIL and RCPT: RFC 5321 4.1.2 to the letter, and real senders who go a little beyond it."""

from pathlib import Path

import pytest

from handlers.configuration import services
from mailin import replies
from mailin.commands import Refusal, read_mail, read_rcpt
from mailin.door import postmasters
from tests.builders import SERVICES
from tests.mailin.smtp import MAILBOX, SENDER, Client, House, house

MOST = 26_214_400


def mail(argument: str) -> bytes:
    """What `MAIL` with this argument is answered."""
    try:
        read_mail(argument, MOST)
    except Refusal as refusal:
        return refusal.reply
    return replies.SENDER_OK


@pytest.mark.parametrize(
    "path",
    [
        "<>",
        "<a@b.example>",
        " <a@b.example>",
        "<a@b>",
        "<a@[192.0.2.1]>",
        "<a@[IPv6:2001:db8::1]>",
        "<a%b.example@c.example>",
        "<b.example!a@c.example>",
        "<!#$%&'*+-/=?^_`{|}~@b.example>",
        "<a..b@b.example>",
        "<a.@b.example>",
        "<a@with_underscore.example>",
        '<"a b"@b.example>',
        '<"a\\"b\\\\c@d>"@b.example>',
        '<""@b.example>',
        "<@relay.example:a@b.example>",
        "<@one.example,@two.example:a@b.example>",
        "<prvs=0123456789=" + "x" * 80 + "@b.example>",
        "<a@" + "x" * 60 + "." + "y" * 60 + "." + "z" * 60 + "." + "w" * 60 + ".example>",
    ],
)
def test_a_sender_by_the_grammar_or_of_real_life_is_taken(path: str) -> None:
    """Source routes are read over, old providers' dots and long names of lists and relays are no reason to refuse."""
    assert mail(f"FROM:{path}") == mail(f"from:{path}") == replies.SENDER_OK


@pytest.mark.parametrize(
    "path",
    [
        "",
        "a@b.example",
        "<a@b.example",
        "a@b.example>",
        "<<a@b.example>>",
        "<a b@b.example>",
        "<a,b@b.example>",
        "<a@b@c.example>",
        "<a@b..example>",
        "<a@.b.example>",
        "<a@b.example.>",
        "<a@>",
        "<@b.example>",
        "<@relay.example:>",
        "<@:a@b.example>",
        "<@one.example,two.example:a@b.example>",
        "<nobody>",
        "<a@[192.0.2.256]>",
        "<a@[2001:db8::1]>",
        "<a@[IPv6:192.0.2.1]>",
        "<a@[x]>",
        "<a@[]>",
        '<"a@b.example>',
        '<"a"b@c.example>',
        "<a(comment)@b.example>",
        "<a\x80b@c.example> SMTPUTF8",
        "<a\u2028b@c.example> SMTPUTF8",
        "<a@b.example>SIZE=1",
        "Claire <a@b.example>",
    ],
)
def test_what_is_no_path_is_refused(path: str) -> None:
    """Nothing is guessed: what two servers could read in two ways is read in none."""
    assert mail(f"FROM:{path}") == replies.BAD_SENDER


@pytest.mark.parametrize(
    ("parameters", "reply"),
    [
        ("SIZE=100 BODY=8BITMIME SMTPUTF8", replies.SENDER_OK),
        ("size=100  body=7bit", replies.SENDER_OK),
        ("SIZE=0", replies.SENDER_OK),
        (f"SIZE={MOST}", replies.SENDER_OK),
        (f"SIZE={MOST + 1}", replies.TOO_BIG),
        ("SIZE=99999999999999999999", replies.TOO_BIG),
        ("SIZE=999999999999999999999", replies.BAD_ARGUMENT),
        ("SIZE=", replies.BAD_ARGUMENT),
        ("SIZE", replies.BAD_ARGUMENT),
        ("SIZE=-1", replies.BAD_ARGUMENT),
        ("SIZE=١", replies.BAD_ARGUMENT),
        ("SIZE=1 SIZE=1", replies.BAD_ARGUMENT),
        ("SMTPUTF8=yes", replies.BAD_ARGUMENT),
        ("BODY=BINARYMIME", replies.UNKNOWN_PARAMETER),
        ("RET=HDRS", replies.UNKNOWN_PARAMETER),
        ("ENVID=QQ314159", replies.UNKNOWN_PARAMETER),
        ("AUTH=<>", replies.UNKNOWN_PARAMETER),
        ("FUTURE", replies.UNKNOWN_PARAMETER),
        ("=1", replies.BAD_ARGUMENT),
        ("-X=1", replies.BAD_ARGUMENT),
        ("X==1", replies.BAD_ARGUMENT),
    ],
)
def test_every_parameter_is_known_or_refused(parameters: str, reply: bytes) -> None:
    """SIZE (RFC 1870), BODY (RFC 6152), SMTPUTF8 (RFC 6531); DSN is not offered, so its parameters are refused."""
    assert mail(f"FROM:<a@b.example> {parameters}") == reply


@pytest.mark.parametrize("parameters", ["NOTIFY=NEVER", "ORCPT=rfc822;a@b.example", "SIZE=1"])
def test_a_recipient_has_no_parameters(parameters: str) -> None:
    """Delivery notices are not offered, so nobody may rely on one (RFC 3461)."""
    with pytest.raises(Refusal) as refusal:
        read_rcpt(f"TO:<{MAILBOX}> {parameters}", smtputf8=False)
    assert refusal.value.reply == replies.UNKNOWN_PARAMETER


@pytest.mark.parametrize("address", ["é@b.example", "a@é.example"])
def test_utf8_needs_smtputf8(address: str) -> None:
    """RFC 6531 3.5: an address beyond ASCII is refused by its own code unless the client said that it knows how."""
    assert mail(f"FROM:<{address}>") == replies.UTF8_NOT_ASKED
    assert mail(f"FROM:<{address}> SMTPUTF8") == replies.SENDER_OK
    with pytest.raises(Refusal) as refusal:
        read_rcpt(f"TO:<{address}>", smtputf8=False)
    assert refusal.value.reply == replies.UTF8_NOT_ASKED


@pytest.mark.parametrize(
    "path",
    [
        MAILBOX,
        "@relay.example:" + MAILBOX,
        '"support"@shop.example',
        '"su\\pport"@shop.example',
    ],
)
async def test_one_mailbox_has_one_name(tmp_path: Path, path: str) -> None:
    """A source route or needless quotes change neither who is meant nor what is kept."""
    async with house(tmp_path) as desk:
        client = await desk.connect()
        await client.say("EHLO c")
        await client.say(f"MAIL FROM:<{SENDER}>")
        assert await client.say(f"RCPT TO:<{path}>") == replies.RECIPIENT_OK
        await client.say("DATA")
        assert await client.say(".") == replies.ACCEPTED
        assert [one.envelope.rcpt_tos for one in await desk.spooled()] == [(MAILBOX,)]


@pytest.mark.parametrize(
    "path",
    [
        "support%shop.example@shop.example",
        "shop.example!support@shop.example",
        "support@other.example@shop.example",
        "@shop.example:someone@other.example",
        '"support@shop.example"@other.example',
        "support@shop.example%other.example",
        "support+tag@shop.example",
        '"support "@shop.example',
        "support@[127.0.0.1]",
        "",
    ],
)
async def test_no_way_of_writing_makes_us_a_relay(tmp_path: Path, path: str) -> None:
    """Percent hack, bang path, source route and quotes: only our own mailboxes are taken, as they are written."""
    async with house(tmp_path) as desk:
        client = await desk.connect()
        await client.say("EHLO c")
        await client.say(f"MAIL FROM:<{SENDER}>")
        refused = await client.say(f"RCPT TO:<{path}>")
        assert refused in (replies.NO_SUCH_MAILBOX, replies.BAD_RECIPIENT)
        assert await client.say("DATA") == replies.RECIPIENT_FIRST


async def asked(desk: House, address: str) -> tuple[Client, bytes]:
    """A client that has said whom its mail is for, and what it heard."""
    client = await desk.connect()
    await client.say("EHLO c")
    await client.say("MAIL FROM:<> SMTPUTF8")
    return client, await client.say(f"RCPT TO:<{address}>")


@pytest.mark.parametrize(
    "address", ["postmaster", "Postmaster", "POSTMASTER@shop.example", '"postmaster"@SHOP.example']
)
async def test_the_postmaster_has_a_mailbox(tmp_path: Path, address: str) -> None:
    """RFC 5321 4.5.1: with our domain or none, in any case of letters; people read it in the first mailbox."""
    boxes = {"postmaster": MAILBOX, "postmaster@shop.example": MAILBOX}
    async with house(tmp_path, postmasters=boxes) as desk:
        client, reply = await asked(desk, address)
        assert reply == replies.RECIPIENT_OK
        await client.say("DATA")
        assert await client.say(".") == replies.ACCEPTED
        assert [one.envelope.rcpt_tos for one in await desk.spooled()] == [(MAILBOX,)]


async def test_the_postmaster_of_others_is_not_ours(tmp_path: Path) -> None:
    """Nor is anybody else who gives no domain."""
    async with house(tmp_path, postmasters={"postmaster": MAILBOX, "postmaster@shop.example": MAILBOX}) as desk:
        for address in ("postmaster@other.example", "root", "abuse"):
            assert (await asked(desk, address))[1] == replies.NO_SUCH_MAILBOX


def test_every_domain_of_ours_has_a_postmaster() -> None:
    """Each service's first mailbox takes it, and the first service's what names no domain."""
    shipped = services.load(SERVICES)
    found = postmasters(shipped)
    first = next(iter(shipped.values()))
    assert found["postmaster"] == first.mailboxes[0]
    for service in shipped.values():
        for mailbox in service.mailboxes:
            assert shipped.by_mailbox(found[f"postmaster@{mailbox.rpartition('@')[2]}"]) is not None


@pytest.mark.parametrize(
    ("address", "reply"),
    [
        ("support@xn--mller-kva.example", replies.RECIPIENT_OK),
        ("Support@XN--MLLER-KVA.example", replies.RECIPIENT_OK),
        ("support@müller.example", replies.RECIPIENT_OK),
        ("SUPPORT@MÜLLER.example", replies.RECIPIENT_OK),
        ("postmaster@müller.example", replies.RECIPIENT_OK),
        ("postmaster@xn--mller-kva.example", replies.RECIPIENT_OK),
        ("ſupport@müller.example", replies.NO_SUCH_MAILBOX),
        ("support@muller.example", replies.NO_SUCH_MAILBOX),
    ],
)
async def test_an_international_domain_is_one_in_both_forms(tmp_path: Path, address: str, reply: bytes) -> None:
    """RFC 5890: the U-label and the A-label are the same name; letters that only look alike are not (T5)."""
    folder = tmp_path / "services"
    folder.mkdir()
    shipped = (SERVICES / "esp.toml").read_text("utf-8")
    (folder / "one.toml").write_text(shipped.replace("support@esp.example", "support@xn--mller-kva.example"), "utf-8")
    found = services.load(folder)
    accepts = lambda one: found.by_mailbox(one) is not None  # noqa: E731
    async with house(tmp_path, accepts=accepts, postmasters=postmasters(found)) as desk:
        assert (await asked(desk, address))[1] == reply


async def test_an_international_domain_needs_smtputf8_as_it_is_read(tmp_path: Path) -> None:
    """In its ASCII form it needs nothing; RFC 6531 3.3."""
    async with house(tmp_path, accepts=lambda one: True) as desk:
        client = await desk.connect()
        await client.say("EHLO c")
        await client.say("MAIL FROM:<>")
        assert await client.say("RCPT TO:<support@xn--mller-kva.example>") == replies.RECIPIENT_OK
        assert await client.say("RCPT TO:<support@müller.example>") == replies.UTF8_NOT_ASKED
