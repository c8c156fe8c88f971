"""What the console says about the cards at Google."""

from passes.cards.face import Text

GOOGLE: dict[str, Text] = {
    "console_room_google": Text("Google Wallet", "Google Wallet"),
    "google_title": Text("Karten in Google Wallet", "Cards in Google Wallet"),
    "google_lead": Text(
        "Google behält von jeder Karte eine Kopie. Der Abgleich liest sie alle und vergleicht sie mit dem, "
        "was Kundinnen und Kunden sehen sollen.",
        "Google keeps a copy of every card. Comparing reads them all and holds them against what customers "
        "are meant to see.",
    ),
    "google_is_off": Text(
        "Google Wallet ist hier nicht eingerichtet. Wer den Server betreibt, kann es einschalten.",
        "Google Wallet is not set up here. Whoever runs the server can switch it on.",
    ),
    "google_last": Text("Letzter Abgleich", "Last comparison"),
    "google_never": Text("Noch nie abgeglichen.", "Never compared so far."),
    "google_when": Text("{at}, gestartet von: {who}", "{at}, started by: {who}"),
    "google_all_well": Text(
        "Alles ist bei Google so, wie es sein soll.", "Google has everything as it was meant."
    ),
    "google_not_all_well": Text(
        "{count} sind bei Google nicht so, wie sie sein sollen.",
        "{count} are not at Google as they were meant.",
    ),
    "google_not_all_well_one": Text(
        "Eine ist bei Google nicht so, wie sie sein soll.", "One is not at Google as it was meant."
    ),
    "google_failed": Text(
        "Der Abgleich kam nicht zu Ende. Bitte später noch einmal starten.",
        "The comparison did not come to its end. Please start it again later.",
    ),
    "google_counts": Text("Gezählt", "Counted"),
    "google_same": Text("Wie gemeint", "As meant"),
    "google_different": Text("Zeigt etwas anderes", "Shows something else"),
    "google_missing": Text("Fehlt bei Google", "Missing at Google"),
    "google_orphaned": Text("Bei Google, aber hier nicht vermerkt", "At Google, but not noted here"),
    "google_unknown": Text("Gehört zu keiner Karte", "Belongs to no card"),
    "google_waiting": Text("Wird ohnehin gerade gesendet", "About to be sent anyway"),
    "google_put_in_line": Text("Davon zum Senden vorgemerkt", "Of these, put in line to be sent"),
    "google_findings": Text("Die ersten Abweichungen", "The first differences"),
    "google_fault": Text("Was", "What"),
    "google_id": Text("Bei Google", "At Google"),
    "google_fields": Text("Unterschied", "Difference"),
    "google_running": Text("Abgleich läuft", "Comparing"),
    "google_progress": Text("{done} von {total} Karten verglichen.", "{done} of {total} cards compared."),
    "google_wanted": Text("Vorgemerkt; es beginnt gleich.", "In line; it begins in a moment."),
    "google_again": Text("Stand aktualisieren", "Refresh"),
    "google_start": Text("Neu abgleichen", "Compare now"),
    "google_start_lead": Text(
        "Das dauert bei vielen Karten einige Minuten und stört niemanden.",
        "With many cards this takes some minutes and disturbs nobody.",
    ),
    "google_repair": Text("Was nicht stimmt, gleich neu senden", "Send again whatever is not as meant"),
    "google_compare": Text("Abgleich starten", "Start comparing"),
    "google_not_allowed": Text(
        "Starten darf, wer das Geschäft verwalten darf.",
        "Starting it takes a login that may manage the shop.",
    ),
}
