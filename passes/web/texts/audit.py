"""What a manager reads in the log of who did what."""

from passes.cards.face import Text

AUDIT: dict[str, Text] = {
    "audit_title": Text("Protokoll", "Log"),
    "console_room_audit": Text("Protokoll", "Log"),
    "audit_lead": Text(
        "Wer was getan hat: Anmeldungen, Einstellungen, Schlüssel, Sperren, Freigaben und alles, was an "
        "einer Grenze abgelehnt wurde. Was auf Karten gebucht wurde, steht in den Büchern. Niemand kann hier "
        "etwas ändern oder löschen.",
        "Who did what: sign-ins, settings, keys, blocked cards, approvals, and all that was refused at a "
        "limit. What was booked on cards stands in the books. Nobody can change or delete anything here.",
    ),
    "audit_list": Text("Was geschehen ist", "What happened"),
    "audit_search": Text("Person, Vorgang oder Kennung", "Person, act or id"),
    "audit_when": Text("Wann", "When"),
    "audit_who": Text("Wer", "Who"),
    "audit_what": Text("Was", "What"),
    "audit_about": Text("Betrifft", "To what"),
    "audit_none": Text("Noch steht nichts im Protokoll.", "Nothing is in the log yet."),
    "audit_found_none": Text("Dazu steht nichts im Protokoll.", "The log says nothing about that."),
    "audit_older": Text("Ältere", "Older"),
    "audit_newest": Text("Neueste", "Newest"),
}

ACTORS: dict[str, Text] = {
    "cli": Text("Betrieb (Kommandozeile)", "Operator (command line)"),
    "scheduler": Text("Automatisch", "by itself"),
    "scanner": Text("am Scanner", "at the scanner"),
    "console": Text("in der Verwaltung", "in the console"),
    "enrolment": Text("Kundin oder Kunde, beim Anmelden", "Customer, enrolling"),
    "card page": Text("Kundin oder Kunde, auf der Kartenseite", "Customer, on the card page"),
}
"""Who is neither a person nor a key."""

ACTIONS: dict[str, Text] = {
    # At limits.
    "limits.create": Text("Grenze gesetzt", "Limit set"),
    "limits.remove": Text("Grenze aufgehoben", "Limit removed"),
    "limits.refuse": Text("An einer Grenze abgelehnt", "Refused at a limit"),
    "limits.flag": Text("Über einer Grenze zugelassen", "Let through above a limit"),
    "limits.ask": Text("Freigabe erbeten", "Approval asked for"),
    "limits.approved": Text("Freigegeben", "Approved"),
    "limits.rejected": Text("Freigabe abgelehnt", "Approval refused"),
    "limits.use_approval": Text("Freigabe genutzt", "Approval used"),
    "limits.refuse_own": Text("Wollte die eigene Anfrage freigeben", "Tried to approve their own request"),
    "limits.lock_out": Text("Nach falschen Eingaben gesperrt", "Locked out after wrong entries"),
    "offline.overspend": Text("Offline mehr ausgegeben, als da war", "Offline, more spent than was there"),
    "offline.limit_exceeded": Text("Offline über der Grenze der Kasse", "Offline, beyond the till's limit"),
    # People and keys.
    "merchants.sign_in": Text("Angemeldet", "Signed in"),
    "scanner.wrong_pin": Text("Falsche PIN", "Wrong PIN"),
    "merchants.create": Text("Geschäft angelegt", "Merchant made"),
    "merchants.create_location": Text("Filiale angelegt", "Shop made"),
    "merchants.create_staff": Text("Person hinzugefügt", "Person let in"),
    "merchants.disable_staff": Text("Zugang entzogen", "Person shut out"),
    "merchants.create_key": Text("API-Schlüssel erstellt", "API key made"),
    "merchants.revoke_key": Text("API-Schlüssel widerrufen", "API key revoked"),
    "merchants.set_offline_limits": Text("Offline-Grenzen gesetzt", "Offline limits set"),
    "signing_keys.rotate": Text("Signaturschlüssel gewechselt", "Signing key rotated"),
    "signing.import": Text("Zertifikat eingespielt", "Certificate imported"),
    "signing.warned": Text("Vor Ablauf eines Zertifikats gewarnt", "Warned of a certificate's end"),
    # Cards, programs, members, campaigns.
    "cards.adjust": Text("Guthaben von Hand geändert", "Balance changed by hand"),
    "cards.revive": Text("Abgelaufene Karte verlängert", "Expired card brought back"),
    "cards.block": Text("Karte gesperrt", "Card blocked"),
    "cards.unblock": Text("Karte entsperrt", "Card unblocked"),
    "cards.deactivate": Text("Karte stillgelegt", "Card deactivated"),
    "cards.replace": Text("Karte ersetzt", "Card replaced"),
    "programs.create": Text("Programm angelegt", "Program made"),
    "programs.change": Text("Programm geändert", "Program changed"),
    "programs.design": Text("Gestaltung veröffentlicht", "Design published"),
    "programs.restore": Text("Frühere Fassung zurückgeholt", "Earlier version restored"),
    "members.create": Text("Mitglied angelegt", "Member made"),
    "members.update": Text("Mitglied geändert", "Member changed"),
    "members.consent": Text("Einwilligung notiert", "Consent recorded"),
    "members.confirm_address": Text("E-Mail-Adresse bestätigt", "Email address confirmed"),
    "privacy.erase_member": Text("Mitglied gelöscht", "Member erased"),
    "campaigns.create": Text("Kampagne angelegt", "Campaign made"),
    "campaigns.change": Text("Kampagne geändert", "Campaign changed"),
    "campaigns.launch": Text("Kampagne gestartet", "Campaign launched"),
    "campaigns.pause": Text("Kampagne angehalten", "Campaign paused"),
    "google.compare": Text("Vergleich mit Google angefordert", "Comparison with Google asked for"),
    "webhooks.create": Text("Webhook eingerichtet", "Webhook made"),
    "webhooks.delete": Text("Webhook entfernt", "Webhook removed"),
    "webhooks.enable": Text("Webhook wieder eingeschaltet", "Webhook enabled again"),
    "webhooks.disable": Text("Webhook abgeschaltet", "Webhook disabled"),
    "webhooks.replay": Text("Webhook-Ereignisse erneut gesendet", "Webhook events sent again"),
    "webhooks.rotate_secret": Text("Geheimnis eines Webhooks gewechselt", "Webhook secret changed"),
}
"""Every act that the log knows, as it is called there."""

SAID: dict[str, Text] = {
    # Why somebody adjusted, blocked, closed or replaced.
    "complimentary": Text("aus Kulanz", "complimentary"),
    "support": Text("Kundendienst", "support"),
    "correction": Text("Berichtigung", "correction"),
    "migration": Text("Übernahme aus anderem System", "migration"),
    "chargeback": Text("Rückbuchung", "chargeback"),
    "lost": Text("verloren", "lost"),
    "stolen": Text("gestohlen", "stolen"),
    "damaged": Text("beschädigt", "damaged"),
    "fraud_suspected": Text("Betrugsverdacht", "fraud suspected"),
    "customer_request": Text("auf Kundenwunsch", "at the customer's request"),
    "closed": Text("geschlossen", "closed"),
    "reversed": Text("storniert", "reversed"),
    "other": Text("sonstiges", "other"),
    # Who or what was locked out.
    "key": Text("dieser Schlüssel", "this key"),
    "address": Text("eine Internetadresse", "an internet address"),
    "prefix": Text("Codes mit diesem Anfang", "codes that begin so"),
    "everybody": Text("alle", "everybody"),
    "pin": Text("PIN-Feld der Filiale", "the shop's PIN pad"),
    "pins": Text("PINs ohne feste Filiale", "PINs bound to no shop"),
    "password": Text("Passwort der Person", "the person's password"),
    # What a signing key is for.
    "barcode": Text("für Barcodes", "for barcodes"),
    "root": Text("für die Bücher", "for the books"),
}
"""What a line says beside the act, as it is called in `details`."""
