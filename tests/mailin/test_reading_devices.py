"""What phones and mail programs sign with is not the writer's, in whatever language the phone is."""

from __future__ import annotations

import pytest

from tests.mailin.reading import text_of

SIGNED = (
    "Skickat från min iPhone",
    "Skickat från min iPad",
    "Skickat från Outlook för iOS",
    "Hämta Outlook för iOS",
    "Skickat från min Galaxy",
    "Skickat från min Samsung Galaxy-smartphone.",
    "Skickat från E-post för Windows",
    "Skickat från Yahoo Mail för iPhone",
    "Sendt fra min iPhone",
    "Sendt fra Outlook til iOS",
    "Hent Outlook til Android",
    "Få Outlook for Android",
    "Skaff deg Outlook for iOS",
    "Sendt fra min Samsung Galaxy smartphone.",
    "Sendt fra E-post for Windows",
    "Lähetetty iPhonesta",
    "Lähetetty iPadista",
    "Hanki Outlook for iOS",
    "Lähetetty Samsung Galaxy -älypuhelimesta.",
    "Lähetetty Windowsin Sähköpostista",
    "Odesláno z iPhonu",
    "Odesláno z mého iPhonu",
    "Získat Outlook pro iOS",
    "Odesláno z Outlooku pro Android",
    "Odesláno ze zařízení Samsung Galaxy",
    "Odesláno z Pošty pro Windows",
    "Odoslané z iPhonu",
    "Στάλθηκε από το iPhone μου",
    "Εστάλη από το iPhone μου",
    "Λήψη του Outlook για iOS",
    "Στάλθηκε από το Outlook για Android",
    "Στάλθηκε από τη συσκευή μου Samsung Galaxy",
    "Trimis de pe iPhone-ul meu",
    "Trimis de pe iPhone",
    "Obțineți Outlook pentru iOS",
    "Trimis de pe telefonul meu Galaxy",
    "Trimis din Outlook pentru Android",
    "Elküldve az iPhone-omról",
    "Küldve az iPhone-omról",
    "Az iPhone készülékemről küldve",
    "Elküldve iPhone-ról",
    "iPhone-omról küldve",
    "Az iOS Outlook letöltése",
    "Samsung Galaxy okostelefonról küldve.",
    "Надіслано з iPhone",
    "Надіслано з мого iPhone",
    "Відправлено з iPhone",
    "Надіслано з пристрою Galaxy",
    "Завантажити Outlook для iOS",
    "Отправлено с iPhone",
    "Отправлено из мобильной Почты Mail.ru",
    "Отправлено из Outlook для iOS",
    "أُرسلت من الـ iPhone",
    "أرسلت من iPhone الخاص بي",
    "تم الإرسال من الـ iPhone",
    "مرسل من هاتف Samsung Galaxy الخاص بي",
    "الحصول على Outlook لـ iOS",
    "נשלח מה-iPhone שלי",
    "נשלח מהאייפון שלי",
    "נשלח ממכשיר ה-Samsung Galaxy שלי",
    "קבל את Outlook עבור iOS",
    "iPhoneから送信",
    "私のiPhoneから送信",
    "Outlook for Android を入手",
    "iOS 版 Outlook を入手する",
    "Galaxyから送信",
    "スマートフォンから送信",
    "나의 iPhone에서 보냄",
    "내 iPhone에서 보냄",
    "나의 Galaxy에서 보냄",
    "Android용 Outlook 다운로드",
    "发自我的iPhone",
    "从我的 iPhone 发送",
    "發自我的 iPhone",
    "從我的 iPhone 傳送",
    "发自我的小米手机",
    "获取 Outlook for iOS",
    "取得 iOS 版 Outlook",
    "来自我的华为手机",
    "從 Windows 版郵件傳送",
)
WRITTEN = (
    "Sendt fra min iPhone, men den kom aldrig frem",
    "Skickat från min mobil igår men inget svar",
    "Trimis de pe telefon ieri dar nu a ajuns",
    "Odesláno z mobilu včera, ale nic nepřišlo",
    "Lähetetty puhelimesta eilen mutta ei tullut perille",
    "Отправлено с телефона вчера, но ничего не пришло",
    "Надіслано з телефону, але не дійшло",
    "我从昨天开始没有收到验证码，请帮我重新发送",
    "请从系统重新发送验证码",
    "نسيت كلمة المرور",
    "נשלח קוד אבל לא הגיע",
    "コードが送信されません",
    "코드가 안 와요, 다시 보내주세요",
    "Elküldve a számla de nem kaptam",
    "I have sent it from my iPhone because the site fails",
    "",
)


@pytest.mark.parametrize("line", SIGNED)
@pytest.mark.parametrize("between", ["\n", "\n\n"])
def test_what_a_phone_adds_is_left_out(line: str, between: str) -> None:
    """As Apple, Samsung, Microsoft and others write it in some twenty languages."""
    assert text_of(f"Hej, jag kan inte logga in.{between}{line}") == "Hej, jag kan inte logga in."


@pytest.mark.parametrize("line", WRITTEN)
def test_what_somebody_tells_of_a_phone_stays(line: str) -> None:
    """A sentence that begins alike is the writer's."""
    assert text_of(f"Hello.\n\n{line}").endswith(line)
