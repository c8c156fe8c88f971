"""What is said about a design that was sent as a file and cannot be taken.

The rooms below say it in English, to the API and the command line as well, as the end of a sentence that
begins with the part it is about. The German here is found by that wording and takes over what it names.
"""

import re

OF_FILES = (
    (r"has no (\S+)", r"enthält keine Datei \1"),
    (r"is no JSON: (.*): line (\d+) column (\d+) .*", r"ist kein JSON: Fehler in Zeile \2, Spalte \3"),
    (r"is a damaged zip: .*", r"ist beschädigt; bitte neu als ZIP packen"),
    (r"must be a zip", r"muss ein ZIP sein"),
    (r"must be at most (\d+) MB", r"darf höchstens \1 MB groß sein"),
    (
        r"holds too many files; a design has (\S+) and pictures",
        r"enthält zu viele Dateien; zu einer Gestaltung gehören \1 und Bilder",
    ),
    (r"(.+) is larger than (\d+) bytes", r"enthält \1 mit mehr als \2 Byte"),
    (
        r"(.+) is packed in a way we do not read; zip it plainly",
        r"enthält \1 auf ungewohnte Art gepackt; bitte als einfaches ZIP ohne Passwort packen",
    ),
    (r"holds the picture (.+) twice", r"enthält das Bild \1 doppelt"),
    (r"holds (.+) twice", r"enthält \1 doppelt"),
    (
        r"(.+) has no place in a design; there are (.+)",
        r"enthält \1, was nicht zu einer Gestaltung gehört; es gibt \2",
    ),
)

_OTHER_KINDS = {
    "a GIF": "ein GIF",
    "a WebP picture": "ein WebP-Bild",
    "a HEIC photo": "ein HEIC-Foto",
    "an AVIF picture": "ein AVIF-Bild",
    "a BMP picture": "ein BMP-Bild",
    "a TIFF picture": "ein TIFF-Bild",
    "a Photoshop file": "eine Photoshop-Datei",
    "an icon file": "eine Icon-Datei",
    "a JPEG 2000 picture": "ein JPEG-2000-Bild",
    "a PostScript file": "eine PostScript-Datei",
    "a zip archive": "ein ZIP",
    "a drawing or a page (SVG, XML, HTML)": "eine Zeichnung oder eine Seite (SVG, XML, HTML)",
}

OF_PICTURES = (
    *(
        (rf"is {re.escape(en)}; save it as PNG or JPEG", f"ist {de}; bitte als PNG oder JPEG speichern")
        for en, de in _OTHER_KINDS.items()
    ),
    (r"must be a PNG or JPEG picture", r"muss ein Bild in PNG oder JPEG sein"),
    (
        r"is a PDF, or a picture that is one as well; .*",
        r"ist ein PDF, oder zugleich eines; bitte als PNG oder JPEG speichern",
    ),
    (
        r"has (?:another file|something) hidden behind the picture; .*",
        r"enthält hinter dem Bild noch etwas anderes; bitte das Bild allein als PNG oder JPEG speichern",
    ),
    (
        r"is a damaged (?:PNG |JPEG )?picture; .*",
        r"ist ein beschädigtes Bild; bitte neu als PNG oder JPEG speichern",
    ),
    (r"is a picture that was cut off; send it again", r"ist ein abgeschnittenes Bild; bitte neu speichern"),
    (
        r"is an animated picture; save one frame of it as PNG",
        r"ist ein bewegtes Bild; bitte ein Einzelbild daraus als PNG speichern",
    ),
    (
        r"carries a colour profile of more than 4 MB; convert it to sRGB",
        r"hat ein Farbprofil von mehr als 4 MB; bitte in sRGB umwandeln",
    ),
    (
        r"is an unusual JPEG that few programs read; .*",
        r"ist ein ungewöhnliches JPEG, das wenige Programme lesen; bitte als einfaches JPEG speichern",
    ),
    (
        r"is a JPEG with unusual colours; .*",
        r"ist ein JPEG mit ungewöhnlichen Farben; bitte als einfaches JPEG oder PNG in RGB speichern",
    ),
    (
        r"is built up in (\d+) passes; save it as an ordinary JPEG",
        r"baut sich in \1 Durchgängen auf; bitte als einfaches JPEG speichern",
    ),
    (
        r"has (\d+) x (\d+) pixels; at most (\d+) a side and 16 million in all",
        r"hat \1 × \2 Pixel; höchstens \3 je Seite und 16 Millionen insgesamt",
    ),
    (r"is too narrow: (\d+) x (\d+) pixels", r"ist zu schmal: \1 × \2 Pixel"),
    (
        r"is a progressive JPEG of (\d+) x (\d+) pixels; .*",
        r"ist ein progressives JPEG von \1 × \2 Pixeln; bitte als einfaches JPEG oder kleiner speichern",
    ),
)

OF_PARTS = (
    (
        r"is (\w+), and this is a (\w+) program",
        r"ist „\1“, und diese Karte ist „\2“",
    ),
    (
        r"primary is for the offer, or an own text that reads the same on every coupon",
        r"„primary“ ist für das Angebot, oder für einen eigenen Text, der auf jedem Coupon gleich ist",
    ),
    (r"(\w+) has its value from the books", r"darf nicht da sein: „\1“ wird von selbst gefüllt"),
    (
        r"(.+) stands on every card by itself; choose another name",
        r"steht als \1 auf jeder Karte von selbst; bitte anders nennen",
    ),
    (
        r"(.+) is no field of a (\w+) card; there are (.+)\. An own one needs a value",
        r"ist mit \1 kein Feld einer solchen Karte; es gibt \3. Ein eigenes Feld braucht „value“",
    ),
    (r"is needed by a field of your own", r"gehört zu jedem eigenen Feld"),
    (
        r"(.+) is no placeholder here; there are (.+)",
        r"enthält \1, was hier kein Platzhalter ist; es gibt \2",
    ),
    (r"(\w+) names (.+) twice", r"nennt \2 unter „\1“ doppelt"),
    (r"needs a text in de, en or both", r"braucht einen Text in „de“, „en“ oder beiden"),
    (r"must lie after starts", r"muss nach „starts“ liegen"),
    (
        r"must be an https:// address, tel:(\S+) or mailto:(\S+)",
        r"muss eine Adresse mit https:// sein, oder tel:\1, oder mailto:\2",
    ),
    (r"must be a UUID such as (\S+)", r"muss eine UUID sein wie \1"),
    (r"must be an RFC 3339 time such as (\S+)", r"muss ein Zeitpunkt nach RFC 3339 sein wie \1"),
    (r"must not contain control characters", r"darf keine Steuerzeichen enthalten"),
    (r"must not be empty", r"darf nicht leer sein"),
    (r"is missing", r"fehlt"),
    (r"is not something that can be set here", r"lässt sich hier nicht festlegen"),
)

OF_FORM = (
    (r"Input should be (?:a valid dictionary.*|an object)", r"muss ein JSON-Objekt sein"),
    (r"Input should be a valid (?:tuple|list|array)", r"muss eine Liste sein"),
    (r"Input should be a valid string.*", r"muss ein Text sein"),
    (r"Input should be a valid integer.*", r"muss eine ganze Zahl sein"),
    (r"Input should be a (?:valid|finite) number.*", r"muss eine Zahl sein"),
    (r"Input should be a valid boolean", r"muss true oder false sein"),
    (r"Input should be greater than or equal to (\S+)", r"muss mindestens \1 sein"),
    (r"Input should be less than or equal to (\S+)", r"darf höchstens \1 sein"),
    (r"Input should be ('.+') or ('.+')", r"muss \1 oder \2 sein"),
    (r"Input should be ('[^']+')", r"muss \1 sein"),
    (r"String should match pattern '(.+)'", r"muss dem Muster \1 entsprechen"),
    (r"String should have at least (\d+) characters?", r"muss mindestens \1 Zeichen lang sein"),
    (r"String should have at most (\d+) characters?", r"darf höchstens \1 Zeichen lang sein"),
    (r"\w+ should have at least (\d+) items?.*", r"ist zu kurz, mindestens \1"),
    (r"\w+ should have at most (\d+) items?.*", r"ist zu lang, höchstens \1"),
)

_GERMAN = [
    (re.compile(said, re.DOTALL), german) for said, german in (*OF_FILES, *OF_PICTURES, *OF_PARTS, *OF_FORM)
]


def refused(message: str, language: str) -> str:
    """Why a design cannot be taken, in the language of a page; in English where nobody wrote the German."""
    return (in_german(message) if language == "de" else None) or message


def in_german(message: str) -> str | None:
    """What `message` says, in German; None where nobody wrote that."""
    for said, german in _GERMAN:
        if (found := said.fullmatch(message)) is not None:
            return found.expand(german)
    return None
