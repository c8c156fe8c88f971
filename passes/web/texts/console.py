"""What the marketing team reads when it signs in."""

from passes.cards.face import Text

CONSOLE: dict[str, Text] = {
    "console_title": Text("Kampagnen", "Campaigns"),
    "console_sign_in": Text("Anmelden", "Sign in"),
    "console_sign_in_text": Text(
        "Für alle, die im Namen des Geschäfts zu den Kundinnen und Kunden sprechen.",
        "For those who speak to customers on the shop's behalf.",
    ),
    "console_email": Text("E-Mail", "Email"),
    "console_password": Text("Passwort", "Password"),
    "console_wrong": Text(
        "Diese E-Mail und dieses Passwort passen nicht zusammen.", "This email and password do not match."
    ),
    "console_no_marketing": Text(
        "Dieser Zugang darf keine Kampagnen verschicken und nichts freigeben. Wer ihn angelegt hat, kann das "
        "ändern.",
        "This login may neither send campaigns nor approve anything. Whoever made it can change that.",
    ),
    "console_slow_down": Text(
        "Zu viele Versuche. In ein paar Minuten geht es weiter.",
        "Too many attempts. It works again in a few minutes.",
    ),
    "console_sign_out": Text("Abmelden", "Sign out"),
    "console_rooms": Text("Bereiche", "Rooms"),
    "console_room_campaigns": Text("Kampagnen", "Campaigns"),
    "console_room_cards": Text("Karten", "Cards"),
    "console_cards": Text("Karten", "Cards"),
    "console_cards_offered": Text("Was Kundinnen und Kunden bekommen", "What customers get"),
    "console_no_cards": Text(
        "Noch keine Karte. Die erste entsteht mit POST /api/v1/programs, beschrieben unter /api/docs.",
        "No card yet. The first is made with POST /api/v1/programs, described at /api/docs.",
    ),
    "console_no_such_card": Text("Keine Karte heißt so.", "No card goes by that name."),
    "preview_about": Text(
        "So legen die Handys die Karte aus; Schrift und Abstände weichen je nach Gerät ein wenig ab.",
        "This is how phones lay the card out; letters and distances differ a little between devices.",
    ),
    "preview_download": Text("Als Bild laden", "Download as a picture"),
    "console_new": Text("Neue Nachricht", "New message"),
    "console_lead": Text(
        "Eine Nachricht an alle, die zugestimmt haben. Sie erscheint auf der Karte im Handy.",
        "A message to everyone who agreed to it. It appears on the card in the phone.",
    ),
    "console_name": Text("Name der Kampagne", "Name of the campaign"),
    "console_name_hint": Text("Nur intern zu sehen.", "Only seen here."),
    "console_audience": Text("Wer soll sie bekommen?", "Who should get it?"),
    "console_program": Text("Karte", "Card"),
    "console_every_program": Text("Alle Karten", "All cards"),
    "console_location": Text("War schon hier", "Has been to"),
    "console_every_location": Text("Alle Läden", "All shops"),
    "console_inactive": Text("Seit so vielen Tagen nicht da gewesen", "Has not been here for this many days"),
    "console_inactive_hint": Text("Leer lassen heißt: egal.", "Leave empty for anybody."),
    "console_month": Text("Geburtstag im", "Birthday in"),
    "console_any_month": Text("Egal", "Any month"),
    "console_balance": Text("Mindestens so viel auf der Karte", "At least this much on the card"),
    "console_balance_hint": Text(
        "Stempel, Punkte oder Cent, je nach Karte.", "Stamps, points or cents, as the card counts."
    ),
    "console_message": Text("Nachricht", "Message"),
    "console_message_de": Text("Auf Deutsch", "In German"),
    "console_message_en": Text("Auf Englisch", "In English"),
    "console_message_hint": Text(
        "Platzhalter: {{first_name}}, {{balance}}, {{merchant}}",
        "Placeholders: {{first_name}}, {{balance}}, {{merchant}}",
    ),
    "console_check": Text("Zählen und ansehen", "Count and preview"),
    "console_count": Text("Passt auf: {count}", "Matches: {count}"),
    "console_consenting": Text(
        "Davon mit Zustimmung: {consenting}", "Of these, agreed to hear from you: {consenting}"
    ),
    "console_nobody": Text(
        "Niemand passt auf diese Auswahl. Weniger Bedingungen helfen.",
        "Nobody matches. Fewer conditions will help.",
    ),
    "console_preview": Text("So liest es sich", "How it reads"),
    "console_preview_de": Text("Deutsch", "German"),
    "console_preview_en": Text("Englisch", "English"),
    "console_launch": Text("Senden ({consenting})", "Send ({consenting})"),
    "console_wrong_name": Text(
        "Bitte einen Namen mit höchstens 200 Zeichen.", "Please enter a name of up to 200 characters."
    ),
    "console_wrong_program_id": Text(
        "Diese Karte gibt es nicht mehr. Bitte eine andere wählen.",
        "This card is gone. Please choose another.",
    ),
    "console_wrong_location_id": Text(
        "Diesen Laden gibt es nicht mehr. Bitte einen anderen wählen.",
        "This shop is gone. Please choose another.",
    ),
    "console_wrong_inactive_days": Text(
        "Bitte eine ganze Zahl von 1 bis 3650, oder leer lassen.",
        "Please enter a whole number from 1 to 3650, or leave it empty.",
    ),
    "console_wrong_birthday_month": Text("Bitte einen Monat wählen.", "Please choose a month."),
    "console_wrong_balance_min": Text(
        "Bitte eine ganze Zahl ab 1, oder leer lassen.",
        "Please enter a whole number from 1, or leave it empty.",
    ),
    "console_wrong_de": Text(
        "Bitte 1 bis 500 Zeichen. In geschweiften Klammern stehen nur first_name, balance und merchant.",
        "Please write 1 to 500 characters. Braces may only hold first_name, balance and merchant.",
    ),
    "console_wrong_en": Text(
        "Bitte 1 bis 500 Zeichen. In geschweiften Klammern stehen nur first_name, balance und merchant.",
        "Please write 1 to 500 characters. Braces may only hold first_name, balance and merchant.",
    ),
    "console_not_launched": Text(
        "Noch nicht gesendet. Bitte noch einmal ansehen und senden.",
        "Not sent yet. Please look once more and send.",
    ),
    "console_launched": Text(
        "Unterwegs. Was nachts fällig wird, geht am Morgen raus.",
        "On its way. What falls into the night leaves in the morning.",
    ),
    "console_change": Text("Noch einmal ändern", "Change it again"),
    "console_list": Text("Bisherige Kampagnen", "Campaigns so far"),
    "console_empty": Text(
        "Noch keine Kampagne. Die erste entsteht oben in einer Minute.",
        "No campaign yet. The first one takes a minute, above.",
    ),
    "console_state": Text("Stand", "State"),
    "console_sent": Text("Gesendet", "Sent"),
    "console_waiting": Text("Wartet", "Waiting"),
    "console_kept_back": Text("Zurückgehalten", "Held back"),
    "console_launched_at": Text("Gestartet", "Launched"),
    "console_export": Text("Als CSV", "As CSV"),
    "console_design": Text("Gestaltung", "Design"),
    "console_design_open": Text("Gestaltung ansehen und ändern", "See and change the design"),
    "console_design_lead": Text(
        "Eine Gestaltung ist ein Ordner: design.json und die Bilder. So lässt sie sich ansehen, ändern, "
        "aufheben und auf einer anderen Karte verwenden.",
        "A design is a folder: design.json and the pictures. So it can be read, changed, kept, and used on "
        "another card.",
    ),
    "console_design_take": Text("Als ZIP herunterladen", "Download as zip"),
    "console_design_put": Text("Als ZIP hochladen", "Upload as zip"),
    "console_design_the_file": Text("Die Datei", "The file"),
    "console_design_file": Text("ZIP-Datei", "Zip file"),
    "console_design_publish": Text("Veröffentlichen", "Publish"),
    "console_design_force": Text(
        "Auch veröffentlichen, wenn etwas schlecht zu lesen ist", "Publish even what is hard to read"
    ),
    "console_card_back": Text("Zurück zur Karte", "Back to the card"),
    "console_design_no_right": Text(
        "Dieser Zugang darf Karten ansehen, aber nicht ändern.",
        "This login may see cards but not change them.",
    ),
    "console_design_wrong": Text(
        "So lässt sich die Datei nicht verwenden", "The file cannot be used like this"
    ),
    "console_design_found": Text("Prüfung des Entwurfs", "Check of the draft"),
    "console_design_found_own": Text("Prüfung", "Check"),
    "console_design_nothing": Text("Nichts zu beanstanden.", "Nothing to be said against it."),
    "console_design_error": Text("Fehler", "Error"),
    "console_design_versions": Text("Versionen", "Versions"),
    "console_design_version": Text("Version", "Version"),
    "console_design_since": Text("Seit", "Since"),
    "console_design_changed": Text("Geändert", "Changed"),
    "console_design_rules": Text("Regeln", "Rules"),
    "console_design_design": Text("Gestaltung", "Design"),
    "console_design_texts": Text("Texte", "Texts"),
    "console_design_now": Text("Jetzt gültig", "In force"),
    "console_design_restore": Text("Zurück zu dieser", "Back to this one"),
    "console_design_restore_hint": Text(
        "Zurück heißt: Gestaltung und Texte von damals werden als neue Version veröffentlicht. "
        "Die Regeln bleiben, wie sie heute sind.",
        "Going back publishes the design and texts of that time as a new version. The rules stay as they "
        "are today.",
    ),
    "console_design_published": Text(
        "Veröffentlicht. Die Karten folgen nach und nach.", "Published. The cards follow one after the other."
    ),
    "console_design_progress": Text(
        "{done} von {total} Karten sind auf dem neuen Stand.", "{done} of {total} cards are up to date."
    ),
    "console_design_again": Text("Stand aktualisieren", "Refresh"),
    "console_search": Text("Suchen", "Search"),
    "console_found_none": Text("Keine Kampagne heißt so.", "No campaign goes by that name."),
    "console_state_draft": Text("Entwurf", "Draft"),
    "console_state_active": Text("Läuft", "Running"),
    "console_state_paused": Text("Angehalten", "Paused"),
    "console_state_finished": Text("Fertig", "Done"),
}
