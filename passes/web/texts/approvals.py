"""What the person at the till and the second person read of an act that takes both."""

from passes.cards.face import Text

APPROVALS: dict[str, Text] = {
    # What somebody wants to do.
    "act_redeem": Text("Einlösen: {amount}", "Redeem: {amount}"),
    "act_load": Text("Aufladen: {amount}", "Load: {amount}"),
    "act_issue": Text("Karte ausstellen: {amount}", "Issue a card: {amount}"),
    "act_adjust_increase": Text("Gutschreiben: {amount}", "Add: {amount}"),
    "act_adjust_decrease": Text("Abziehen: {amount}", "Take off: {amount}"),
    "act_refund": Text("Rückgängig machen: {amount}", "Undo: {amount}"),
    "act_stamp": Text("Gutschreiben: {amount}", "Give: {amount}"),
    "act_remove_limit": Text("Grenze aufheben: {name}", "Remove the limit {name}"),
    "act_by_key": Text("Schlüssel {hint}…", "Key {hint}…"),
    # At the till.
    "approvals": Text("Freigaben", "Approvals"),
    "approval_title_pending": Text("Eine zweite Person, bitte", "A second person, please"),
    "approval_title_approved": Text("Freigegeben", "Approved"),
    "approval_title_rejected": Text("Abgelehnt", "Refused"),
    "approval_title_used": Text("Schon ausgeführt", "Already done"),
    "approval_title_expired": Text("Nicht mehr offen", "No longer open"),
    "approval_text_rejected": Text(
        "Die zweite Person hat nein gesagt. Es ist nichts gebucht.",
        "The second person said no. Nothing was booked.",
    ),
    "approval_text_used": Text(
        "Diese Freigabe galt für ein Mal, und das ist geschehen.",
        "This approval was good for one time, and that has happened.",
    ),
    "approval_text_expired": Text(
        "Die Anfrage ist abgelaufen oder noch einmal gestellt worden. Bitte den Betrag neu eingeben.",
        "The request has run out or was made again. Please enter the amount again.",
    ),
    "approval_is_pending": Text("wartet", "waiting"),
    "approval_is_approved": Text("freigegeben", "approved"),
    "approval_is_rejected": Text("abgelehnt", "refused"),
    "approval_is_used": Text("ausgeführt", "done"),
    "approval_is_expired": Text("abgelaufen", "expired"),
    "approval_card": Text("Karte", "Card"),
    "approval_card_end": Text("Code endet auf {end}", "code ends in {end}"),
    "approval_asked_by": Text("Gefragt von", "Asked by"),
    "approval_decided_by": Text("Entschieden von", "Decided by"),
    "approval_back": Text("Zurück zur Karte", "Back to the card"),
    "approve_here": Text("Hier freigeben", "Approve here"),
    "approve_here_text": Text(
        "Ab dieser Höhe sehen zwei hin. Wer freigibt, prüft die Angaben oben und tippt die eigene PIN; "
        "gebucht wird sofort.",
        "From this amount on, two people look. Whoever approves checks what stands above and types their own "
        "PIN; it is then booked at once.",
    ),
    "approve_pin": Text("PIN der zweiten Person", "PIN of the second person"),
    "approve_and_do": Text("Freigeben und buchen", "Approve and book"),
    "approve_elsewhere": Text("Oder in der Verwaltung", "Or in the console"),
    "approve_elsewhere_text": Text(
        "Dort steht die Anfrage unter „Freigaben“. Sobald sie entschieden ist, zeigt es diese Seite.",
        "The request is there under “Approvals”. Once it is decided, this page says so.",
    ),
    "approval_look": Text("Nachsehen", "Check again"),
    "approval_do": Text("Jetzt buchen", "Book it now"),
    "own_pin": Text(
        "Das ist die PIN derselben Person, die gefragt hat. Freigeben muss jemand anders.",
        "That is the PIN of the same person who asked. Somebody else has to approve.",
    ),
    "no_approving_pin": Text(
        "Diese Person darf nicht freigeben; dafür braucht es die Berechtigung „manage“.",
        "This person may not approve; that takes the scope “manage”.",
    ),
    "approval_too_late": Text(
        "Die Anfrage ist nicht mehr offen. Bitte den Betrag neu eingeben.",
        "The request is no longer open. Please enter the amount again.",
    ),
    "unknown_shop": Text("Diese Filiale gibt es hier nicht.", "There is no such shop here."),
    "refused_program_limit_approval_pending": Text(
        "Die Freigabe steht noch aus.", "The approval is still to come."
    ),
    "refused_program_limit_approval_rejected": Text(
        "Die Freigabe ist abgelehnt; es ist nichts gebucht.", "The approval was refused; nothing was booked."
    ),
    "refused_program_limit_approval_used": Text(
        "Diese Freigabe ist schon verbraucht.", "This approval has been used already."
    ),
    "refused_program_limit_approval_expired": Text(
        "Diese Freigabe ist abgelaufen. Bitte neu anfragen.",
        "This approval has run out. Please ask again.",
    ),
    "refused_program_limit_approval_for_something_else": Text(
        "Diese Freigabe gilt für etwas anderes. Bitte neu anfragen.",
        "This approval is for something else. Please ask again.",
    ),
    "refused_program_limit": Text(
        "Das übersteigt, was hier erlaubt ist; es ist nichts gebucht.",
        "That is more than is allowed here; nothing was booked.",
    ),
    "refused_not_found": Text("Das gibt es hier nicht mehr.", "That is no longer here."),
    # In the console.
    "console_room_approvals": Text("Freigaben", "Approvals"),
    "console_room_approvals_waiting": Text("Freigaben ({count})", "Approvals ({count})"),
    "console_approvals_lead": Text(
        "Was eine Person allein nicht darf, wartet hier auf eine zweite. Jede Freigabe gilt ein Mal, für "
        "genau diese Karte und diesen Betrag, und höchstens einen Tag.",
        "What one person may not do alone waits here for a second one. Each approval is good once, for just "
        "this card and this amount, and for a day at most.",
    ),
    "console_approvals_waiting": Text("Wartet", "Waiting"),
    "console_approvals_none": Text("Gerade wartet nichts.", "Nothing is waiting right now."),
    "console_approvals_past": Text("Bisher", "So far"),
    "console_approval_where": Text("Filiale", "Shop"),
    "console_approve": Text("Freigeben", "Approve"),
    "console_reject": Text("Ablehnen", "Refuse"),
    "console_approval_own": Text(
        "Selbst angefragt; entscheiden muss jemand anders.", "Asked by yourself; somebody else has to decide."
    ),
    "console_approval_second_person_required": Text(
        "Wer gefragt hat, kann nicht selbst entscheiden.", "Whoever asked cannot decide."
    ),
    "console_approval_approval_state": Text(
        "Das ist schon entschieden oder abgelaufen; so steht es unten.",
        "That has been decided already or has run out; it stands below as it is.",
    ),
    "console_approval_done_approved": Text(
        "Freigegeben. An der Kasse kann es jetzt gebucht werden.",
        "Approved. It can be booked at the till now.",
    ),
    "console_approval_done_rejected": Text(
        "Abgelehnt. Es wird nichts gebucht.", "Refused. Nothing will be booked."
    ),
}
