"""What a manager reads of webhooks: which systems hear of what happens, and what came through."""

from passes.cards.face import Text

WEBHOOKS: dict[str, Text] = {
    "webhooks_title": Text("Webhooks", "Webhooks"),
    "console_room_webhooks": Text("Webhooks", "Webhooks"),
    "webhooks_lead": Text(
        "Andere Systeme, etwa Buchhaltung oder Onlineshop, erfahren über Webhooks, was mit Karten geschieht. "
        "Was nicht ankommt, wird gut drei Tage lang immer wieder versucht.",
        "Other systems, such as accounting or an online shop, hear by webhook of what happens to cards. What "
        "does not get through is tried again and again for a little more than three days.",
    ),
    "webhooks_endpoints": Text("Wohin gemeldet wird", "Who is told"),
    "webhooks_none": Text(
        "Noch hört kein anderes System zu. So wird ein Webhook eingerichtet:",
        "No other system listens yet. This is how a webhook is made:",
    ),
    "webhooks_step_make": Text(
        "Die Adresse angeben, die die Ereignisse empfangen soll; sie muss mit https beginnen und öffentlich "
        "sein. Auf der Kommandozeile:",
        "Name the address that shall receive the events; it must be public and begin with https. On the "
        "command line:",
    ),
    "webhooks_step_call": Text(
        "Oder über die API, mit einem Schlüssel, der das Recht „manage“ hat:",
        "Or over the API, with a key that has the scope “manage”:",
    ),
    "webhooks_step_secret": Text(
        "Das Geheimnis (whsec_…) aus der Antwort aufbewahren. Damit prüft der Empfänger die Unterschrift; es "
        "wird nur dieses eine Mal gezeigt.",
        "Keep the secret (whsec_…) of the answer. The receiver checks signatures with it; it is shown this "
        "once only.",
    ),
    "webhooks_your_key": Text("SCHLÜSSEL", "KEY"),
    "webhooks_more": Text(
        "Einrichten, entfernen, das Geheimnis wechseln: auf der Kommandozeile (python -m passes webhooks) "
        "oder über die API.",
        "To make or remove one, or to change its secret: on the command line (python -m passes webhooks) "
        "or over the API.",
    ),
    "webhooks_docs": Text("Zur Beschreibung der API", "See the API’s description"),
    "webhook_is_works": Text("Funktioniert", "Works"),
    "webhook_is_fails": Text("Antwortet nicht richtig", "Does not answer properly"),
    "webhook_is_enabled": Text("Eingeschaltet", "Enabled"),
    "webhook_is_disabled": Text("Abgeschaltet", "Disabled"),
    "webhook_is_unused": Text("Noch nicht benutzt", "Not used yet"),
    "webhook_hears": Text("Erfährt von", "Hears of"),
    "webhook_hears_all": Text("allen Ereignissen", "all events"),
    "webhook_last": Text("Letzte Antwort", "Last answer"),
    "webhook_never": Text("noch keine", "none yet"),
    "webhook_failing_since": Text("Nichts kommt an seit", "Nothing gets through since"),
    "webhook_reason": Text("Grund", "Reason"),
    "webhook_id": Text("Kennung", "Id"),
    "webhook_enable": Text("Wieder einschalten", "Enable again"),
    "webhook_enable_lead": Text(
        "Was geschieht, solange der Webhook abgeschaltet ist, wird ihm auch später nicht gemeldet.",
        "What happens while the webhook is disabled is not sent to it later either.",
    ),
    "webhooks_list": Text("Was gesendet wurde", "What was sent"),
    "webhooks_list_lead": Text(
        "Das Neueste zuerst. Was ankam, bleibt dreißig Tage stehen; was aufgegeben wurde, bis es jemand "
        "erneut sendet.",
        "Newest first. What was delivered stays for thirty days; what was given up, until somebody sends it "
        "again.",
    ),
    "webhooks_state": Text("Stand", "State"),
    "webhooks_any_state": Text("Jeder Stand", "Any state"),
    "webhooks_to": Text("Webhook", "Webhook"),
    "webhooks_any_endpoint": Text("Alle Webhooks", "All webhooks"),
    "webhooks_event": Text("Ereignis", "Event"),
    "webhooks_any_event": Text("Jedes Ereignis", "Any event"),
    "webhooks_about": Text("Kennung", "Id"),
    "webhooks_about_hint": Text("von Ereignis, Karte oder Buchung", "of an event, card or transaction"),
    "webhooks_show": Text("Anzeigen", "Show"),
    "webhooks_show_all": Text("Alle anzeigen", "Show all"),
    "webhooks_again_head": Text("Erneut senden", "Send again"),
    "webhooks_nothing_yet": Text(
        "Noch wurde nichts gesendet. Sobald mit einer Karte etwas geschieht, steht es hier.",
        "Nothing was sent yet. As soon as something happens to a card, it is listed here.",
    ),
    "webhooks_found_none": Text("Dazu wurde nichts gesendet.", "Nothing that fits was sent."),
    "webhook_state_waiting": Text("Wartet", "Waiting"),
    "webhook_state_delivered": Text("Zugestellt", "Delivered"),
    "webhook_state_given_up": Text("Aufgegeben", "Given up"),
    "webhook_tries_0": Text("noch nicht versucht", "not tried yet"),
    "webhook_tries_1": Text("1 Versuch", "1 attempt"),
    "webhook_tries": Text("{count} Versuche", "{count} attempts"),
    "webhook_next": Text("nächster Versuch: {at}", "next attempt: {at}"),
    "webhook_due_now": Text("sofort", "at once"),
    "webhook_arrived": Text("angekommen: {at}", "arrived: {at}"),
    "webhook_again": Text("Erneut senden", "Send again"),
    "webhook_closed": Text("Erst den Webhook wieder einschalten.", "Enable the webhook again first."),
    "webhook_done_sent": Text(
        "Das Ereignis wird erneut gesendet, unter derselben Kennung (webhook-id): Ein Empfänger, der es "
        "schon hat, erkennt es daran.",
        "The event is sent again, under the same id (webhook-id): a receiver that has it already knows it "
        "by that.",
    ),
    "webhook_again_all": Text("Alles Aufgegebene erneut senden", "Send all that was given up again"),
    "webhook_given_up": Text("Was aufgegeben wurde", "What was given up"),
    "webhook_done_all_sent": Text(
        "Was für diesen Webhook aufgegeben war, wird erneut gesendet, jedes Ereignis unter seiner Kennung.",
        "What was given up for this webhook is sent again, every event under its id.",
    ),
    "webhook_done_enabled": Text(
        "Der Webhook ist wieder eingeschaltet und erfährt ab jetzt, was geschieht.",
        "The webhook is enabled again and hears of what happens from now on.",
    ),
    "webhook_event_card.issued": Text("Karte ausgestellt", "Card issued"),
    "webhook_event_card.changed": Text("Karte geändert", "Card changed"),
    "webhook_event_transaction.created": Text("Buchung", "Transaction"),
    "webhook_event_limit.flagged": Text("Über einer Grenze zugelassen", "Let through above a limit"),
    "webhook_event_signing.warned": Text("Zertifikat läuft ab", "Certificate is about to end"),
}

NOTES: dict[str, Text] = {
    "the host's name could not be resolved": Text(
        "Der Name des Servers ist nicht zu finden", "the host's name could not be resolved"
    ),
    "no answer in time": Text("Keine rechtzeitige Antwort", "no answer in time"),
    "the host's certificate cannot be trusted": Text(
        "Dem Zertifikat des Servers ist nicht zu trauen", "the host's certificate cannot be trusted"
    ),
    "TLS failed": Text("Verschlüsselung (TLS) gescheitert", "TLS failed"),
    "only https is spoken": Text("Gesendet wird nur über https", "only https is spoken"),
    "no connection": Text("Keine Verbindung", "no connection"),
    "the host's address is not public": Text(
        "Die Adresse des Servers ist nicht öffentlich", "the host's address is not public"
    ),
    "it answered 410: nobody listens there any more": Text(
        "Der Empfänger antwortete mit 410: Dort hört niemand mehr zu",
        "it answered 410: nobody listens there any more",
    ),
}
"""What a sender notes of an attempt, or of an endpoint."""

NOTES_AROUND: dict[str, Text] = {
    r"given up after (?P<count>\d+) attempts: (?P<rest>.*)": Text(
        "Aufgegeben nach {count} Versuchen: {rest}", "given up after {count} attempts: {rest}"
    ),
    r"(?P<rest>.*), at attempt (?P<count>\d+)": Text(
        "{rest}, beim {count}. Versuch", "{rest}, at attempt {count}"
    ),
    r"(?P<rest>.*), and redirects are not followed": Text(
        "{rest}, und Weiterleitungen wird nicht gefolgt", "{rest}, and redirects are not followed"
    ),
    r"the endpoint is disabled: (?P<rest>.*)": Text(
        "Der Webhook war abgeschaltet: {rest}", "the webhook was disabled: {rest}"
    ),
    r"nothing has got through since (?P<since>[-0-9T:.]+Z): (?P<rest>.*)": Text(
        "seit {since} kam nichts mehr an: {rest}", "nothing has got through since {since}: {rest}"
    ),
    r"fault in the channel: (?P<rest>\w+)": Text(
        "Fehler beim Senden: {rest}", "fault in the channel: {rest}"
    ),
}
"""Notes with something in them that changes; `rest` is a note itself."""
