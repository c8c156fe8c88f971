"""What the console says about the certificates Apple passes are signed with."""

from passes.cards.face import Text

SIGNING: dict[str, Text] = {
    "console_room_signing": Text("Zertifikate", "Certificates"),
    "signing_title": Text("Zertifikate für Apple Wallet", "Certificates for Apple Wallet"),
    "signing_held": Text("Womit Karten unterschrieben werden", "What cards are signed with"),
    "signing_lead": Text(
        "Apple stellt für jeden Pass-Typ ein Zertifikat aus, das ein Jahr gilt. Läuft es ab, werden neue "
        "Karten und Änderungen erst wieder unterschrieben, wenn ein erneuertes da ist; Kassen arbeiten "
        "weiter.",
        "Apple issues a certificate for each pass type, valid for a year. Once it ends, new cards and "
        "changes are signed again only when a renewed one is here; tills go on working.",
    ),
    "signing_none": Text(
        "Noch kein Zertifikat: Karten gibt es bis dahin nur im Browser und in Google Wallet.",
        "No certificate yet: until then there are cards in the browser and in Google Wallet only.",
    ),
    "signing_type": Text("Pass-Typ", "Pass type"),
    "signing_team": Text("Team", "Team"),
    "signing_serves": Text("Dient für", "Serves"),
    "signing_serves_new_cards": Text("Neue Karten und Änderungen", "New cards and changes"),
    "signing_serves_cards_on_phones": Text("Karten, die schon auf Handys sind", "Cards already on phones"),
    "signing_serves_nothing": Text("Abgelöst, bleibt bis zum Ende", "Replaced, kept until it ends"),
    "signing_state": Text("Stand", "State"),
    "signing_state_signs": Text("Gültig", "Valid"),
    "signing_state_ends_soon": Text("Läuft bald ab", "Ends soon"),
    "signing_state_ended": Text("Abgelaufen", "Ended"),
    "signing_state_not_yet_valid": Text("Noch nicht gültig", "Not valid yet"),
    "signing_state_needs_https": Text("Wartet auf https", "Waits for https"),
    "signing_state_kept": Text("In Reserve", "In reserve"),
    "signing_until": Text("Gültig bis", "Valid until"),
    "signing_nfc": Text("NFC", "NFC"),
    "signing_yes": Text("ja", "yes"),
    "signing_no": Text("nein", "no"),
    "signing_trial": Text("Nur zum Ausprobieren", "For trying out only"),
    "signing_waiting": Text("Handys, die auf eine Änderung warten", "Phones that wait for a change"),
    "signing_import": Text("Zertifikat importieren oder erneuern", "Import or renew a certificate"),
    "signing_how": Text(
        "Im Apple-Entwicklerkonto unter „Identifiers“ den Pass-Typ öffnen, ein Zertifikat ausstellen "
        "lassen und aus der Schlüsselbundverwaltung zusammen mit dem Schlüssel als .p12 exportieren.",
        "Open the pass type under “Identifiers” in Apple's developer account, have a certificate issued, and "
        "export it from Keychain Access together with its key as a .p12.",
    ),
    "signing_file": Text("Datei mit Zertifikat und Schlüssel", "File with certificate and key"),
    "signing_file_hint": Text(".p12, oder .pem mit beidem.", "A .p12, or a .pem with both."),
    "signing_passphrase": Text("Passwort der Datei", "Passphrase of the file"),
    "signing_passphrase_hint": Text(
        "Wird nur zum Öffnen gebraucht und nicht behalten.", "Only needed to open it, and not kept."
    ),
    "signing_intermediate": Text("Zwischenzertifikat von Apple", "Apple's intermediate certificate"),
    "signing_intermediate_hint": Text(
        "Nur beim ersten Mal: „Worldwide Developer Relations - G4“ von apple.com/certificateauthority.",
        "The first time only: “Worldwide Developer Relations - G4” from apple.com/certificateauthority.",
    ),
    "signing_new_type": Text(
        "Neue Karten bekommen diesen anderen Pass-Typ; Karten auf Handys behalten ihren.",
        "New cards get this other pass type; cards on phones keep theirs.",
    ),
    "signing_do_import": Text("Prüfen und importieren", "Check and import"),
    "signing_imported": Text(
        "Importiert. Ab jetzt wird damit unterschrieben; was gewartet hat, geht gleich raus.",
        "Imported. It signs from now on; what has waited leaves in a moment.",
    ),
    "signing_not_allowed": Text(
        "Importieren darf, wer das Geschäft verwalten darf.",
        "Importing takes a login that may manage the shop.",
    ),
    "signing_fault": Text("Nicht importiert", "Not imported"),
    "signing_fault_no_file": Text("Bitte eine Datei auswählen.", "Please choose a file."),
    "signing_fault_passphrase": Text(
        "Das Passwort passt nicht zur Datei.", "The passphrase does not match the file."
    ),
    "signing_fault_unreadable": Text(
        "Die Datei ist kein Zertifikat mit Schlüssel, oder sie ist beschädigt. Bitte neu exportieren.",
        "The file is no certificate with its key, or it is damaged. Please export it again.",
    ),
    "signing_fault_old_encryption": Text(
        "Die Datei ist auf eine alte Art verschlüsselt, die auf diesem Server abgeschaltet ist. Bitte mit "
        "„openssl pkcs12 -legacy -in ALT.p12 -out beides.pem“ umschreiben und beides.pem importieren.",
        "The file is encrypted in an old way that is switched off on this server. Please rewrite it with "
        "“openssl pkcs12 -legacy -in OLD.p12 -out both.pem” and import both.pem.",
    ),
    "signing_fault_incomplete": Text(
        "In der Datei fehlt der Schlüssel oder das Zertifikat. Bitte beide zusammen exportieren.",
        "The key or the certificate is missing in the file. Please export both together.",
    ),
    "signing_fault_weak_key": Text(
        "Apple-Karten brauchen einen RSA-Schlüssel mit mindestens 2048 Bit; bitte ein neues Zertifikat "
        "anfordern.",
        "Apple passes need an RSA key of at least 2048 bits; please request a new certificate.",
    ),
    "signing_fault_wrong_key": Text(
        "Schlüssel und Zertifikat gehören nicht zusammen. Bitte den Schlüssel nehmen, mit dem es "
        "angefordert wurde.",
        "Key and certificate do not belong together. Please use the key it was requested with.",
    ),
    "signing_fault_no_pass_certificate": Text(
        "Das ist kein Zertifikat für einen Pass-Typ. Bitte im Apple-Entwicklerkonto unter „Identifiers“ "
        "eines für den Pass-Typ ausstellen lassen.",
        "This is no certificate for a pass type. Please have one issued for the pass type under "
        "“Identifiers” in Apple's developer account.",
    ),
    "signing_fault_not_yet_valid": Text(
        "Das Zertifikat gilt erst ab {day}. Bitte die Uhr des Servers prüfen.",
        "The certificate is valid from {day} on. Please check the server's clock.",
    ),
    "signing_fault_ended": Text(
        "Das Zertifikat ist am {day} abgelaufen. Bitte ein erneuertes nehmen.",
        "The certificate ended on {day}. Please use a renewed one.",
    ),
    "signing_fault_no_issuer": Text(
        "Das Zwischenzertifikat fehlt; ausgestellt hat das Zertifikat: {issuer}. Bitte von "
        "apple.com/certificateauthority laden und mit auswählen.",
        "The intermediate certificate is missing; the issuer is {issuer}. Please download it from "
        "apple.com/certificateauthority and choose it too.",
    ),
    "signing_fault_not_from_apple": Text(
        "Das Zertifikat stammt nicht von Apple, sondern von: {issuer}. Handys nähmen damit keine Karte.",
        "The certificate is not from Apple but from {issuer}. No phone would take a pass signed with it.",
    ),
    "signing_fault_another_type": Text(
        "Bisher ist der Pass-Typ {present}, dieses Zertifikat ist für {new}. Bitte eines für denselben "
        "Pass-Typ nehmen, oder unten ankreuzen, dass neue Karten den anderen bekommen.",
        "The pass type so far is {present}, this certificate is for {new}. Please use one for the same "
        "pass type, or tick below that new cards get the other one.",
    ),
    "signing_fault_ends_sooner": Text(
        "Es gibt schon eines, das länger gilt (bis {day}). Bitte das neueste importieren.",
        "There already is one that lasts longer (until {day}). Please import the newest.",
    ),
}
