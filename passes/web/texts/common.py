"""What every page may say: its frame, wrong input, and what went wrong."""

from passes.cards.face import Text

COMMON: dict[str, Text] = {
    "skip": Text("Zum Inhalt", "Skip to content"),
    "choose_language": Text("Sprache", "Language"),
    "back_to_start": Text("Zurück", "Back"),
    "error_in_title": Text("Bitte prüfen: ", "Please check: "),
    "start_title": Text("Kundenkarten fürs Handy", "Loyalty cards for the phone"),
    "start_text": Text(
        "Hier wohnen Stempelkarten, Gutscheine, Geschenkkarten und Punkte. Eine Karte gibt es über den "
        "QR-Code im Laden.",
        "Stamp cards, coupons, gift cards and points live here. The QR code in the shop leads to a card.",
    ),
    # What went wrong, by status.
    "400_title": Text("Bitte noch einmal", "Please try once more"),
    "400_text": Text(
        "Die Seite war zu lange offen, oder Cookies sind ausgeschaltet. Bitte zurückgehen, neu laden und "
        "noch einmal absenden.",
        "The page was open for too long, or cookies are switched off. Please go back, reload and send again.",
    ),
    "403_title": Text("Das ist nicht erlaubt", "That is not allowed"),
    "403_text": Text("Dafür fehlt die Berechtigung.", "You lack the permission for this."),
    "404_title": Text("Hier ist nichts", "There is nothing here"),
    "404_text": Text(
        "Die Adresse stimmt nicht, oder es gibt diese Seite nicht mehr. Am einfachsten hilft der QR-Code "
        "im Laden weiter.",
        "The address is wrong, or the page is gone. The QR code in the shop is the easiest way back.",
    ),
    "405_title": Text("So geht es nicht", "That does not work here"),
    "405_text": Text(
        "Diese Adresse nimmt so etwas nicht an. Bitte die Seite noch einmal von vorn öffnen.",
        "This address does not take that. Please open the page again from the start.",
    ),
    "413_title": Text("Das ist zu viel", "That is too much"),
    "413_text": Text(
        "Es wurde mehr geschickt, als diese Seite annimmt.", "More was sent than this page accepts."
    ),
    "429_title": Text("Einen Moment, bitte", "One moment, please"),
    "429_text": Text(
        "Von diesem Anschluss kamen gerade sehr viele Anfragen. In ein paar Minuten geht es weiter.",
        "Very many requests came from this connection just now. It works again in a few minutes.",
    ),
    "500_title": Text("Da ist etwas schiefgegangen", "Something went wrong"),
    "500_text": Text(
        "Der Fehler liegt bei uns und ist notiert. Bitte gleich noch einmal versuchen.",
        "The fault is ours and has been noted. Please try again in a moment.",
    ),
    "503_title": Text("Gerade ist viel los", "Very busy right now"),
    "503_text": Text(
        "Es ist nichts verloren. Bitte in ein paar Sekunden noch einmal versuchen.",
        "Nothing is lost. Please try again in a few seconds.",
    ),
    "try_again": Text("Noch einmal versuchen", "Try again"),
    "stale_form": Text(
        "Die Seite war zu lange offen, oder Cookies sind ausgeschaltet. Bitte noch einmal absenden.",
        "The page was open for too long, or cookies are switched off. Please send it again.",
    ),
    # Months, for the birthday.
    **{
        f"month_{number}": Text(de, en)
        for number, (de, en) in enumerate(
            [
                ("Januar", "January"),
                ("Februar", "February"),
                ("März", "March"),
                ("April", "April"),
                ("Mai", "May"),
                ("Juni", "June"),
                ("Juli", "July"),
                ("August", "August"),
                ("September", "September"),
                ("Oktober", "October"),
                ("November", "November"),
                ("Dezember", "December"),
            ],
            start=1,
        )
    },
    "preview_apple-front": Text("Apple Wallet, Vorderseite", "Apple Wallet, front"),
    "preview_apple-back": Text("Apple Wallet, Rückseite", "Apple Wallet, back"),
    "preview_google-front": Text("Google Wallet, Karte", "Google Wallet, card"),
    "preview_google-details": Text("Google Wallet, Details", "Google Wallet, details"),
}
