"""What a customer reads: enrolment and the card's own page."""

from passes.cards.face import Text

CUSTOMER: dict[str, Text] = {
    # The card itself.
    "card_of": Text("{title} von {organization}", "{title} by {organization}"),
    "qr_of_card": Text("QR-Code der Karte für die Kasse", "QR code of the card, for the till"),
    # Enrolment.
    "enrol_title": Text("{title} · {organization}", "{title} · {organization}"),
    "get_card": Text("Karte holen", "Get the card"),
    "get_card_note": Text("Kostenlos, ohne App und ohne Konto.", "Free of charge, no app, no account."),
    "details": Text("Angaben zur Person (freiwillig)", "About you (optional)"),
    "name": Text("Vorname", "First name"),
    "name_hint": Text("Für eine persönliche Anrede.", "So that we can address you by name."),
    "email": Text("E-Mail", "Email"),
    "email_hint": Text(
        "Damit sich die Karte wiederfinden lässt, falls das Handy verloren geht. Zum Bestätigen kommt eine "
        "Mail; die Karte gibt es sofort.",
        "So the card can be found again if the phone gets lost. A mail asks to confirm it; the card comes at "
        "once.",
    ),
    "consent_by_email": Text(
        "{organization} darf mir Neuigkeiten und Angebote auch per E-Mail schicken. Das lässt sich auf der "
        "Seite der Karte jederzeit wieder abstellen.",
        "{organization} may also send me news and offers by email. I can switch that off at any time on the "
        "card’s page.",
    ),
    # The link in the mail.
    "confirm_title": Text("Adresse bestätigen", "Confirm the address"),
    "confirm_lead": Text(
        "Gehört die Karte „{title}“ von {organization} zu dieser Adresse?",
        "Does the card “{title}” by {organization} belong to this address?",
    ),
    "confirm_agree": Text(
        "{email} ist meine Adresse. {organization} darf sie zu meiner Karte speichern.",
        "{email} is my address. {organization} may keep it with my card.",
    ),
    "confirm_agree_news": Text("Außerdem:", "And:"),
    "confirm_go": Text("Ja, bestätigen", "Yes, confirm"),
    "confirm_not_me": Text(
        "Wer gerade keine Karte geholt hat, schließt diese Seite einfach.",
        "Whoever has not just picked up a card simply closes this page.",
    ),
    "confirm_used_title": Text("Dieser Link wurde schon benutzt", "This link has been used"),
    "confirm_used_text": Text(
        "Die Adresse ist bestätigt. Den Link zur Karte hat die zweite Mail.",
        "The address is confirmed. The second mail has the link to the card.",
    ),
    "confirm_late_title": Text("Dieser Link gilt nicht mehr", "This link is no longer valid"),
    "confirm_late_text": Text(
        "Er galt 24 Stunden, oder die Karte gibt es nicht mehr. Wer die Karte noch einmal holt, bekommt "
        "einen neuen.",
        "It was valid for 24 hours, or the card is gone. Whoever picks up the card once more gets a new one.",
    ),
    "mail_on_its_way": Text("Eine Mail ist unterwegs", "A mail is on its way"),
    "mail_on_its_way_text": Text(
        "Mit einem Tipp darin gehört die Karte zu dieser Adresse. Nichts angekommen? Vielleicht liegt sie im "
        "Spam-Ordner.",
        "One tap in it and the card belongs to that address. Nothing there? Perhaps it is in the spam "
        "folder.",
    ),
    "address_confirmed": Text("Die Adresse ist bestätigt", "The address is confirmed"),
    "address_confirmed_text": Text(
        "Das ist die Karte dazu. Der Link zu ihr kommt auch noch einmal per Mail.",
        "This is its card. The link to it also comes by mail.",
    ),
    "consent_email_on": Text("Neuigkeiten per E-Mail: an", "News by email: on"),
    "consent_email_withdrawn": Text(
        "{organization} darf mir keine Neuigkeiten und Angebote mehr per E-Mail schicken.",
        "{organization} may no longer send me news and offers by email.",
    ),
    "birthday": Text("Geburtstag", "Birthday"),
    "birthday_hint": Text(
        "Für Glückwünsche zum Tag. Das Jahr kann wegbleiben.",
        "For birthday wishes on the day. The year can be left out.",
    ),
    "day": Text("Tag", "Day"),
    "month": Text("Monat", "Month"),
    "year": Text("Jahr", "Year"),
    "consent": Text(
        "{organization} darf mir Neuigkeiten und Angebote auf diese Karte schicken. Das lässt sich auf der "
        "Seite der Karte jederzeit wieder abstellen.",
        "{organization} may send me news and offers on this card. I can switch that off at any time on the "
        "card’s page.",
    ),
    "privacy_note": Text(
        "Verantwortlich für die Daten ist {organization}. Sie dienen nur dieser Karte und werden auf Wunsch "
        "gelöscht.",
        "{organization} is responsible for the data. It serves this card only and is deleted on request.",
    ),
    "how_it_works": Text("So geht’s", "How it works"),
    "step_get": Text("Karte holen: ein Tipp genügt.", "Get the card: one tap is enough."),
    "step_keep": Text(
        "In Apple Wallet oder Google Wallet legen, oder diese Seite behalten.",
        "Put it into Apple Wallet or Google Wallet, or keep the page.",
    ),
    "step_show": Text("An der Kasse vorzeigen.", "Show it at the till."),
    "trap": Text("Dieses Feld bitte leer lassen", "Please leave this field empty"),
    # Wrong input, next to its field.
    "wrong_name": Text(
        "Bitte höchstens 200 Zeichen, ohne Sonderzeichen wie Zeilenumbrüche.",
        "Please use at most 200 characters, without special ones such as line breaks.",
    ),
    "wrong_email": Text(
        "Bitte eine Adresse wie anna@example.com eingeben oder das Feld leer lassen.",
        "Please enter an address such as anna@example.com or leave the field empty.",
    ),
    "wrong_birthday": Text(
        "Bitte Tag und Monat angeben, zum Beispiel 29. Februar; ein Jahr, wenn angegeben, mit vier Ziffern.",
        "Please give day and month, for example 29 February; the year, if given, with four digits.",
    ),
    "wrong_year": Text(
        "Bitte ein Jahr mit vier Ziffern, in dem es diesen Tag schon gab, oder kein Jahr.",
        "Please give a four-digit year in which that day has been, or no year.",
    ),
    # Gift cards are not given away openly.
    "gift_title": Text("Geschenkkarten gibt es an der Kasse", "Gift cards are sold at the till"),
    "gift_sample": Text(
        "So sieht eine Karte über {amount} aus.", "This is how a card with {amount} on it looks."
    ),
    "gift_text": Text(
        "Auf dieser Karte liegt von Anfang an Guthaben, deshalb lässt sie sich nicht hier holen. Bei "
        "{organization} einfach danach fragen und den gewünschten Betrag nennen.",
        "This card comes with money on it, so it cannot be picked up here. Simply ask for it at "
        "{organization} and name the amount.",
    ),
    # The card's page.
    "save_apple": Text("In Apple Wallet speichern", "Save to Apple Wallet"),
    "save_google": Text("In Google Wallet speichern", "Save to Google Wallet"),
    "into_wallet": Text("Aufs Handy", "Onto the phone"),
    "scan_with_phone": Text(
        "Mit der Kamera des Handys scannen, dann öffnet sich diese Karte dort.",
        "Scan with the phone’s camera to open this card there.",
    ),
    "qr_of_page": Text("QR-Code dieser Seite", "QR code of this page"),
    "google_off": Text("Google Wallet ist hier nicht eingerichtet.", "Google Wallet is not set up here."),
    "apple_off": Text(
        "Apple Wallet ist hier zurzeit nicht eingerichtet.", "Apple Wallet is not set up here at the moment."
    ),
    "page_is_card": Text(
        "Diese Seite gilt auf jedem Handy als Karte: einfach als Lesezeichen behalten.",
        "This page works as the card on any phone: simply bookmark it.",
    ),
    "in_app_title": Text("Diese Seite ist in {app} geöffnet", "This page is open inside {app}"),
    "in_app_apple": Text(
        "Dort lassen sich keine Karten speichern. Auf ••• oder das Teilen-Symbol tippen und „In Safari "
        "öffnen“ wählen, oder diese Adresse kopieren:",
        "Cards cannot be saved from there. Tap ••• or the share icon and choose “Open in Safari”, or copy "
        "this address:",
    ),
    "in_app_other": Text(
        "Dort lassen sich keine Karten speichern. Auf ⋮ tippen und „Im Browser öffnen“ wählen, oder diese "
        "Adresse kopieren:",
        "Cards cannot be saved from there. Tap ⋮ and choose “Open in browser”, or copy this address:",
    ),
    "an_app": Text("einer App", "an app"),
    "state_pending": Text(
        "Diese Karte wartet auf ihr erstes Guthaben. Danach ist sie sofort gültig.",
        "This card is waiting for its first load and is valid right after it.",
    ),
    "state_blocked": Text(
        "Diese Karte ist gesperrt. {organization} hilft an der Kasse weiter.",
        "This card is blocked. {organization} can help at the till.",
    ),
    "state_expired": Text("Diese Karte ist abgelaufen.", "This card has expired."),
    "state_deactivated": Text(
        "Diese Karte gilt nicht mehr. Vielleicht gibt es schon eine neue; {organization} weiß es.",
        "This card is no longer valid. There may be a new one already; {organization} knows.",
    ),
    "state_used": Text("Dieser Gutschein ist eingelöst.", "This coupon has been used."),
    "reward_waiting": Text("Prämie verdient!", "Reward earned!"),
    "reward_waiting_text": Text(
        "Beim nächsten Besuch einfach diese Karte zeigen.", "Simply show this card at the next visit."
    ),
    "welcome": Text("Da ist sie!", "Here it is!"),
    "welcome_text": Text(
        "Jetzt noch ins Handy legen, dann ist sie an der Kasse gleich zur Hand.",
        "Now put it into the phone, so that it is at hand at the till.",
    ),
    "news": Text("Neuigkeiten", "News"),
    "history": Text("Zuletzt", "Recent activity"),
    "terms": Text("Bedingungen und Hinweise", "Terms and notes"),
    "terms_heading": Text("Bedingungen", "Terms"),
    "keep_link": Text(
        "Diese Adresse ist der Schlüssel zur Karte. Wer sie kennt, kann die Karte nutzen.",
        "This address is the key to the card. Whoever knows it can use the card.",
    ),
    "consent_on": Text("Neuigkeiten auf der Karte: an", "News on the card: on"),
    "consent_off": Text("Neuigkeiten auf der Karte: aus", "News on the card: off"),
    "consent_withdrawn": Text(
        "{organization} darf mir keine Neuigkeiten und Angebote mehr auf diese Karte schicken.",
        "{organization} may no longer send me news and offers on this card.",
    ),
    "consent_withdraw": Text("Abstellen", "Switch off"),
    "consent_give": Text("Anstellen", "Switch on"),
    # A pass that cannot be had right now.
    "pass_off_title": Text("Apple Wallet geht gerade nicht", "Apple Wallet is unavailable right now"),
    "pass_off_text": Text(
        "Der Pass kann zurzeit nicht unterschrieben werden; daran wird gearbeitet. Die Karte selbst gilt, "
        "auch auf ihrer Seite.",
        "The pass cannot be signed at the moment; this is being looked into. The card itself is valid, also "
        "on its page.",
    ),
    "google_off_title": Text("Google Wallet ist nicht eingerichtet", "Google Wallet is not set up"),
    "google_off_text": Text(
        "Die Seite der Karte funktioniert auf jedem Handy: einfach als Lesezeichen behalten.",
        "The card’s page works on any phone: simply bookmark it.",
    ),
    "google_slow_title": Text("Google antwortet gerade nicht", "Google is not answering right now"),
    "google_slow_text": Text(
        "Die Karte selbst gilt, auch auf ihrer Seite. In ein paar Minuten klappt es meist wieder.",
        "The card itself is valid, also on its page. It usually works again in a few minutes.",
    ),
    "to_card": Text("Zur Karte", "To the card"),
    # What happened to a card: type of transaction, or type and what it was about.
    "did_issue": Text("Karte ausgestellt", "Card issued"),
    "did_earn_STAMP": Text("Stempel gesammelt", "Stamps collected"),
    "did_earn_POINT": Text("Punkte gesammelt", "Points collected"),
    "did_load": Text("Aufgeladen", "Loaded"),
    "did_redeem": Text("Bezahlt", "Paid"),
    "did_redeem_REWARD": Text("Prämie eingelöst", "Reward taken"),
    "did_redeem_POINT": Text("Punkte eingelöst", "Points spent"),
    "did_redeem_USE": Text("Gutschein eingelöst", "Coupon used"),
    "did_capture": Text("Bezahlt", "Paid"),
    "did_refund": Text("Erstattet", "Refunded"),
    "did_refund_REWARD": Text("Prämie zurückgegeben", "Reward returned"),
    "did_refund_USE": Text("Gutschein wieder gültig", "Coupon valid again"),
    "did_adjust": Text("Gutgeschrieben oder berichtigt", "Credited or corrected"),
    "did_adjust_STAMP": Text("Stempel geschenkt", "Stamps as a gift"),
    "did_adjust_POINT": Text("Punkte geschenkt", "Points as a gift"),
    "did_transfer": Text("Übertragen", "Transferred"),
    "did_expire": Text("Verfallen", "Expired"),
    "did_reversal": Text("Storniert", "Reversed"),
    "in_wallets": Text("So sieht sie im Handy aus", "How it looks in a phone"),
    "print_gift": Text("Zum Verschenken ausdrucken", "Print it as a present"),
    "print_lead": Text(
        "Nichts davon wird gespeichert. Wer das Blatt hat, hat die Karte.",
        "None of this is kept. Whoever has the paper has the card.",
    ),
    "print_recipient": Text("Für wen?", "For whom?"),
    "print_message": Text("Ein paar Worte dazu", "A few words with it"),
    "print_sender": Text("Von wem?", "From whom?"),
    "print_form": Text("Papier", "Paper"),
    "print_a4": Text("Ein Blatt A4", "One sheet of A4"),
    "print_folded": Text("Karte zum Falten", "A card to fold"),
    "print_go": Text("Als PDF öffnen", "Open as PDF"),
}
