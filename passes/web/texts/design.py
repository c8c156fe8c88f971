"""What the console says where a design is changed, looked at and published."""

from passes.cards.face import Text

DESIGN: dict[str, Text] = {
    "lost_apple": Text("Was Apple Wallet nicht so zeigt", "What Apple Wallet does not show like this"),
    "lost_google": Text("Was Google Wallet nicht so zeigt", "What Google Wallet does not show like this"),
    "lost_web": Text(
        "Was die Kartenseite im Browser nicht so zeigt", "What the page in the browser does not show"
    ),
    "lost_paper": Text("Was auf Papier fehlt", "What paper lacks"),
    "design_change": Text("Gestaltung ändern", "Change the design"),
    "design_change_lead": Text(
        "Farben, Bilder, Texte und Links lassen sich hier ändern. Erst kommt ein Entwurf, den nur das "
        "Team sieht; "
        "veröffentlicht wird danach.",
        "Colours, pictures, texts and links can be changed here. That makes a draft which only the team "
        "sees; "
        "it is published afterwards.",
    ),
    "design_edit_open": Text("Hier ändern", "Change it here"),
    "draft_there": Text("Es gibt einen Entwurf", "There is a draft"),
    "draft_there_text": Text(
        "Er ist noch auf keinem Handy. Ansehen, dann veröffentlichen oder verwerfen.",
        "It is on no phone yet. Look at it, then publish or discard it.",
    ),
    "draft_look": Text("Entwurf ansehen", "Look at the draft"),
    "draft_upload": Text("Hochladen und ansehen", "Upload and look"),
    "draft_replaced": Text("Ersetzt den jetzigen Entwurf.", "Replaces the present draft."),
    "draft_title": Text("Entwurf", "Draft"),
    "draft_back": Text("Zurück zur Gestaltung", "Back to the design"),
    "draft_saved": Text("Gespeichert am {at} von {who}.", "Saved on {at} by {who}."),
    "draft_nobody": Text("Noch auf keinem Handy.", "On no phone yet."),
    "draft_outdated": Text(
        "Seit diesem Entwurf wurde Version {version} veröffentlicht. Wer ihn veröffentlicht, ersetzt deren "
        "Gestaltung und Texte.",
        "Version {version} was published since this draft was saved. Publishing the draft replaces its "
        "design "
        "and texts.",
    ),
    "draft_moved": Text(
        "Jemand anderes hat den Entwurf in der Zwischenzeit geändert, veröffentlicht oder verworfen. Bitte "
        "ansehen, wie er jetzt ist.",
        "Somebody else has changed, published or discarded the draft in the meantime. Please look at it "
        "as it "
        "is now.",
    ),
    "draft_discarded": Text("Der Entwurf ist verworfen.", "The draft is discarded."),
    "draft_decide": Text("Veröffentlichen oder verwerfen", "Publish or discard"),
    "draft_stopped": Text(
        "So lässt sich der Entwurf nicht veröffentlichen; oben steht, was zu ändern ist.",
        "The draft cannot be published like this; what has to change stands above.",
    ),
    "draft_stopped_force": Text(
        "Oben steht, was schlecht zu lesen ist. Veröffentlicht wird das nur mit Haken.",
        "What is hard to read stands above. It is published only with the tick.",
    ),
    "draft_discard": Text("Entwurf verwerfen", "Discard the draft"),
    "draft_edit": Text("Weiter ändern", "Go on changing it"),
    "draft_today": Text("Heute", "Today"),
    "draft_draft": Text("Entwurf", "Draft"),
    "draft_stays": Text("Bleibt, wie es heute ist", "Stays as it is today"),
    "draft_web": Text("Kartenseite im Browser", "The card's page in the browser"),
    "draft_voucher": Text("Gutschein auf Papier", "Voucher on paper"),
    "draft_poster": Text("Plakat auf Papier", "Poster on paper"),
    "draft_paper_today": Text("Heute als PDF", "Today as PDF"),
    "draft_paper_draft": Text("Entwurf als PDF", "Draft as PDF"),
    "draft_looks": Text("So sieht die Karte aus", "What the card looks like"),
    "draft_spoken": Text("Sprache der Karte", "Language of the card"),
    "edit_title": Text("Gestaltung ändern", "Change the design"),
    "edit_lead": Text(
        "Ausgangspunkt ist die veröffentlichte Gestaltung. Felder, Codes und alles Übrige bleiben, wie "
        "sie sind.",
        "This starts from the published design. Fields, codes and everything else stay as they are.",
    ),
    "edit_of_draft": Text(
        "Ausgangspunkt ist der jetzige Entwurf. Felder, Codes und alles Übrige bleiben, wie sie sind.",
        "This starts from the present draft. Fields, codes and everything else stay as they are.",
    ),
    "edit_wrong": Text(
        "Noch nicht gespeichert. Bitte die markierten Stellen ändern; Bilder bitte erneut auswählen.",
        "Not saved yet. Please change what is marked, and choose pictures again.",
    ),
    "edit_colors": Text("Farben", "Colours"),
    "edit_color_background": Text("Hintergrund", "Background"),
    "edit_color_foreground": Text("Text", "Text"),
    "edit_color_label": Text("Beschriftung", "Labels"),
    "edit_wrong_color": Text("Bitte eine Farbe wählen.", "Please choose a colour."),
    "edit_pictures": Text("Bilder", "Pictures"),
    "edit_image_logo": Text("Logo", "Logo"),
    "edit_image_logo_hint": Text(
        "PNG oder JPEG, mindestens 150 Pixel hoch. Leer lassen heißt: bleibt.",
        "PNG or JPEG, at least 150 pixels high. Leave empty to keep it.",
    ),
    "edit_image_strip": Text("Großes Bild", "Large picture"),
    "edit_image_strip_hint": Text(
        "PNG oder JPEG, mindestens 1125 × 432 Pixel. Leer lassen heißt: bleibt.",
        "PNG or JPEG, at least 1125 × 432 pixels. Leave empty to keep it.",
    ),
    "edit_image_remove": Text("Entfernen", "Remove it"),
    "edit_wrong_image": Text(
        "Dieses Bild lässt sich nicht verwenden. Es muss PNG oder JPEG sein und höchstens 4 MB groß.",
        "This picture cannot be used. It has to be PNG or JPEG and at most 4 MB.",
    ),
    "edit_shape": Text("Form der Stempel", "Shape of the stamps"),
    "edit_shape_own": Text("Wie üblich", "The usual one"),
    "edit_shape_circle": Text("Kreis", "Circle"),
    "edit_shape_star": Text("Stern", "Star"),
    "edit_shape_heart": Text("Herz", "Heart"),
    "edit_shape_square": Text("Quadrat", "Square"),
    "edit_shape_cup": Text("Tasse", "Cup"),
    "edit_texts_de": Text("Texte auf Deutsch", "Texts in German"),
    "edit_texts_en": Text("Texte auf Englisch", "Texts in English"),
    "edit_texts_hint": Text(
        "Was leer bleibt, füllt die Karte von selbst.",
        "What is left empty the card fills in by itself.",
    ),
    "edit_text_title": Text("Name der Karte", "Name of the card"),
    "edit_text_description": Text("Beschreibung", "Description"),
    "edit_text_reward": Text("Prämie", "Reward"),
    "edit_text_offer": Text("Angebot", "Offer"),
    "edit_text_how_it_works": Text("So funktioniert es", "How it works"),
    "edit_text_terms": Text("Bedingungen", "Terms"),
    "edit_text_website": Text("Website", "Website"),
    "edit_wrong_text": Text(
        "Bitte höchstens 2000 Zeichen. In geschweiften Klammern stehen nur Platzhalter, die hier gefüllt "
        "werden.",
        "Please write at most 2000 characters. Braces may only hold placeholders that are filled here.",
    ),
    "edit_links": Text("Links", "Links"),
    "edit_links_hint": Text(
        "Bis zu zehn Adressen auf der Rückseite; ganz leere Zeilen entfallen.",
        "Up to ten addresses on the back; lines left quite empty are dropped.",
    ),
    "edit_link": Text("Link {number}", "Link {number}"),
    "edit_link_label.de": Text("Name auf Deutsch", "Name in German"),
    "edit_link_label.en": Text("Name auf Englisch", "Name in English"),
    "edit_link_url": Text("Adresse", "Address"),
    "edit_wrong_label": Text(
        "Bitte sagen, wie der Link heißt, mindestens in einer Sprache.",
        "Please say what the link is called, in one language at least.",
    ),
    "edit_wrong_url": Text(
        "Bitte eine Adresse wie https://example.com, tel:+49301234567 oder mailto:name@example.com.",
        "Please enter an address such as https://example.com, tel:+49301234567 or mailto:name@example.com.",
    ),
    "edit_save": Text("Als Entwurf speichern und ansehen", "Save as a draft and look"),
    "edit_save_hint": Text(
        "Auf Handys ändert sich dadurch noch nichts.", "Nothing changes on phones by this."
    ),
}
