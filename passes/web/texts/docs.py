"""The frame of the API's page for people; what it says of each call is the OpenAPI document's English."""

from passes.cards.face import Text

DOCS: dict[str, Text] = {
    "docs_title": Text("Die Schnittstelle für Kassen und Verwaltung", "The API for tills and management"),
    "docs_contents": Text("Inhalt", "Contents"),
    "docs_scope": Text("Berechtigung", "Scope"),
    "docs_query": Text("Parameter", "Parameters"),
    "docs_request": Text("Anfrage", "Request"),
    "docs_answer": Text("Antwort", "Answer"),
    "docs_example": Text("Beispiel", "Example"),
    "docs_field": Text("Feld", "Field"),
    "docs_type": Text("Typ", "Type"),
    "docs_required": Text("Pflicht", "Required"),
    "docs_refusals": Text("Ablehnungen", "Refusals"),
    "docs_errors": Text("Fehler", "Errors"),
    "docs_errors_text": Text(
        "Fehler kommen als application/problem+json mit einem code. Eine endgültige Ablehnung gehört zum "
        "Idempotency-Key und wird bei einer Wiederholung genauso wieder gegeben.",
        "Errors come as application/problem+json with a code. A definite refusal belongs to its "
        "Idempotency-Key and is given again, just the same, when the request is repeated.",
    ),
    "docs_meaning": Text("Bedeutung", "Meaning"),
    "docs_replayed": Text("Wird wiederholt", "Replayed"),
    "docs_yes": Text("ja", "yes"),
    "docs_no": Text("nein", "no"),
}
