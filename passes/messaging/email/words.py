"""What mails say, German and English side by side. German avoids "du" and "Sie", like the pages do."""

from passes.cards.face import Text

WORDS: dict[str, Text] = {
    "why_manager": Text(
        "Diese Mail geht an alle, die {merchant} in Stempel verwalten.",
        "This mail goes to everybody who manages {merchant} in Stempel.",
    ),
    "signing_soon_subject": Text(
        "Apple-Zertifikat läuft ab, {left}: {merchant}",
        "Apple certificate ends {left}: {merchant}",
    ),
    "signing_soon_heading": Text(
        "Das Apple-Zertifikat läuft ab, {left}", "The Apple certificate ends {left}"
    ),
    "signing_soon_text": Text(
        "Das Zertifikat für {pass_type} gilt noch bis {day}. Danach lassen sich keine neuen Karten mehr in "
        "Apple Wallet legen, und Änderungen erreichen die Handys nicht mehr.",
        "The certificate for {pass_type} is valid until {day}. After that no new card can be put into Apple "
        "Wallet, and changes no longer reach the phones.",
    ),
    "signing_ended_subject": Text(
        "Apple-Zertifikat ist abgelaufen: {merchant}", "Apple certificate has ended: {merchant}"
    ),
    "signing_ended_heading": Text("Das Apple-Zertifikat ist abgelaufen", "The Apple certificate has ended"),
    "signing_ended_text": Text(
        "Das Zertifikat für {pass_type} galt bis {day}. Neue Karten lassen sich seitdem nicht mehr in Apple "
        "Wallet legen; Änderungen warten, bis ein neues Zertifikat da ist.",
        "The certificate for {pass_type} was valid until {day}. Since then no new card can be put into Apple "
        "Wallet; changes wait until there is a new certificate.",
    ),
    "signing_what_to_do": Text(
        "Was zu tun ist: das Zertifikat im Apple-Entwicklerkonto für denselben Pass-Typ erneuern und in der "
        "Verwaltung hochladen. Karten auf Handys bleiben, wie sie sind.",
        "What to do: renew the certificate in Apple’s developer account for the same pass type and upload it "
        "in the console. Cards on phones stay as they are.",
    ),
    "signing_button": Text("Zertifikat hochladen", "Upload the certificate"),
    "within_days": Text("in {days} Tagen", "in {days} days"),
    "within_a_day": Text("in einem Tag", "in one day"),
}


def say(key: str, language: str, **values: object) -> str:
    """The words called `key` in `language`, with `values` put in."""
    return WORDS[key].in_language(language).format(**values)
