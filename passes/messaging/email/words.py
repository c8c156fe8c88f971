"""What mails say, German and English side by side. German avoids "du" and "Sie", like the pages do."""

from passes.cards.face import Text

WORDS: dict[str, Text] = {
    "confirm_subject": Text(
        "Bitte bestätigen: {title} von {merchant}", "Please confirm: {title} by {merchant}"
    ),
    "confirm_heading": Text("Nur noch ein Schritt", "One step left"),
    "confirm_text": Text(
        "Mit dieser E-Mail-Adresse wurde die Karte „{title}“ von {merchant} geholt. Nach dem Bestätigen "
        "gehört sie zu dieser Adresse und lässt sich wiederfinden, falls das Handy verloren geht.",
        "The card “{title}” by {merchant} was picked up with this email address. Once confirmed it belongs "
        "to this address and can be found again if the phone gets lost.",
    ),
    "confirm_consent": Text(
        "Angekreuzt wurde auch: „{wording}“ Das gilt erst mit dem Bestätigen.",
        "This box was ticked too: “{wording}” It counts only once confirmed.",
    ),
    "confirm_button": Text("Adresse bestätigen", "Confirm the address"),
    "confirm_once": Text(
        "Der Link gilt 24 Stunden und nur einmal.", "The link is valid for 24 hours and works once."
    ),
    "confirm_not_me": Text(
        "Keine Karte geholt? Dann bitte nichts tun und nicht bestätigen: Die Adresse wird in wenigen Tagen "
        "gelöscht.",
        "No card picked up? Then please do nothing and do not confirm: the address is deleted within days.",
    ),
    "card_subject": Text("Die Karte „{title}“ von {merchant}", "The card “{title}” by {merchant}"),
    "card_heading": Text("Hier ist die Karte", "Here is the card"),
    "card_text": Text(
        "Die Adresse ist bestätigt. Unter diesem Link liegt die Karte „{title}“, auf jedem Handy und am "
        "Computer. Am besten diese Mail aufheben.",
        "The address is confirmed. This link leads to the card “{title}”, on any phone and on a computer. It "
        "is best to keep this mail.",
    ),
    "card_button": Text("Karte öffnen", "Open the card"),
    "card_key": Text(
        "Der Link ist der Schlüssel zur Karte: Wer ihn kennt, kann sie nutzen. Bitte nicht weiterleiten.",
        "The link is the key to the card: whoever knows it can use the card. Please do not pass it on.",
    ),
    "card_consent": Text(
        "Neuigkeiten per E-Mail lassen sich auf der Seite der Karte jederzeit abstellen.",
        "News by email can be switched off at any time on the card’s page.",
    ),
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
