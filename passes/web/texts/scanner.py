"""What the people at the till read."""

from passes.cards.face import Text

SCANNER: dict[str, Text] = {
    # Signing in.
    "scanner": Text("Kasse", "Till"),
    "sign_in": Text("Anmelden", "Sign in"),
    "sign_out": Text("Abmelden", "Sign out"),
    "with_pin": Text("Mit PIN", "With a PIN"),
    "with_key": Text("Mit Kassenschlüssel", "With a till key"),
    "merchant": Text("Kurzname des Geschäfts", "Short name of the business"),
    "merchant_hint": Text(
        "Zum Beispiel demo. Die Leitung kennt ihn.", "For example demo. The manager knows it."
    ),
    "continue": Text("Weiter", "Continue"),
    "shop": Text("Filiale", "Shop"),
    "pin": Text("PIN", "PIN"),
    "till_key": Text("Schlüssel", "Key"),
    "till_key_hint": Text("Beginnt mit sk_stempel_.", "Starts with sk_stempel_."),
    "no_shops": Text(
        "Für dieses Geschäft ist noch keine Filiale angelegt. Bis dahin geht es mit dem Kassenschlüssel.",
        "No shop has been set up for this business yet. Until then a till key works.",
    ),
    "unknown_merchant": Text(
        "Ein Geschäft mit diesem Kurznamen gibt es hier nicht.",
        "There is no business with that short name here.",
    ),
    "wrong_pin": Text("Diese PIN passt nicht.", "That PIN is not right."),
    "wrong_pin_now": Text(
        "Diese PIN passt nicht. Nach vielen falschen PINs gelten vorübergehend nur die von Personen, die zu "
        "dieser Filiale gehören; mit dem Kassenschlüssel geht es immer.",
        "That PIN is not right. After many wrong PINs only those of people who belong to this shop count for "
        "the moment; the till key always works.",
    ),
    "too_many_pins": Text(
        "Zu viele falsche PINs in dieser Filiale. In einer Viertelstunde geht es weiter; mit dem "
        "Kassenschlüssel sofort.",
        "Too many wrong PINs at this shop. It works again in a quarter of an hour; with a till key right "
        "away.",
    ),
    "too_fast": Text(
        "Das ging zu schnell. Bitte einen Augenblick warten und noch einmal versuchen.",
        "That was too fast. Please wait a moment and try again.",
    ),
    "too_many_codes": Text(
        "Zu viele falsche Codes. Bitte den Barcode scannen oder später noch einmal tippen.",
        "Too many wrong codes. Please scan the barcode, or type again later.",
    ),
    "no_till_pin": Text(
        "Diese Person darf nicht kassieren. Die Leitung kann das ändern.",
        "This person may not use the till. The manager can change that.",
    ),
    "wrong_key": Text("Dieser Schlüssel gilt nicht.", "That key is not valid."),
    "no_till_key": Text(
        "Dieser Schlüssel darf nicht kassieren; er braucht die Berechtigung „till“.",
        "This key may not use the till; it needs the scope “till”.",
    ),
    # Looking a card up.
    "code": Text("Code der Karte", "Code of the card"),
    "code_hint": Text(
        "Vom Handy abtippen oder mit einem Handscanner einlesen.",
        "Type it from the phone or use a hand scanner.",
    ),
    "show_card": Text("Karte zeigen", "Show card"),
    "no_code": Text(
        "Bitte den Code der Karte scannen oder eintippen.", "Please scan the code of the card, or type it."
    ),
    "unknown_code": Text(
        "Zu diesem Code gibt es hier keine Karte. Bitte noch einmal vergleichen.",
        "No card here has that code. Please compare it once more.",
    ),
    "next_card": Text("Nächste Karte", "Next card"),
    # What can be done.
    "give_stamps": Text("Stempel geben", "Give stamps"),
    "other_count": Text("Andere Anzahl", "Other number"),
    "stamp": Text("Stempeln", "Stamp"),
    "purchase": Text("Einkauf in {currency}", "Purchase in {currency}"),
    "purchase_hint": Text("Zum Beispiel 12,50", "For example 12.50"),
    "book_purchase": Text("Einkauf buchen", "Book purchase"),
    "hand_out_reward": Text("Prämie ausgeben", "Hand out reward"),
    "rewards": Text("Prämien", "Rewards"),
    "points_cost": Text("{points} Punkte", "{points} points"),
    "spend_points": Text("Punkte einlösen", "Spend points"),
    "points": Text("Punkte", "Points"),
    "use_coupon": Text("Gutschein einlösen", "Use coupon"),
    "order_total": Text("Summe der Bestellung in {currency}", "Order total in {currency}"),
    "pay": Text("Bezahlen", "Pay"),
    "amount": Text("Betrag in {currency}", "Amount in {currency}"),
    "partly": Text("Reicht es nicht, nehmen, was da ist", "If it is not enough, take what is there"),
    "load": Text("Aufladen", "Load"),
    "undo": Text("Rückgängig machen", "Undo"),
    "undo_text": Text("Zuletzt: {what}", "Last: {what}"),
    # Wrong input.
    "wrong_count": Text("Bitte eine ganze Zahl von 1 bis 100.", "Please enter a whole number from 1 to 100."),
    "wrong_amount": Text("Bitte einen Betrag wie 12,50 eingeben.", "Please enter an amount such as 12.50."),
    "wrong_points": Text("Bitte eine ganze Zahl eingeben.", "Please enter a whole number."),
    # What was done.
    "done_earn_STAMP": Text("Gestempelt: {amount}.", "Stamps given: {amount}."),
    "done_earn_POINT": Text("Punkte gegeben: {amount}.", "Points given: {amount}."),
    "done_load": Text("Aufgeladen: {amount}.", "Loaded: {amount}."),
    "done_redeem": Text("Bezahlt: {amount}.", "Paid: {amount}."),
    "done_redeem_REWARD": Text("Prämie ausgegeben.", "Reward handed out."),
    "done_redeem_POINT": Text("Punkte eingelöst: {amount}.", "Points spent: {amount}."),
    "done_redeem_USE": Text("Gutschein eingelöst.", "Coupon used."),
    "done_refund": Text("Rückgängig gemacht.", "Undone."),
    "done_reversal": Text("Rückgängig gemacht.", "Undone."),
    "done_discount": Text("Rabatt: {amount}.", "Discount: {amount}."),
    "done_remaining": Text("Noch zu zahlen: {amount}.", "Still to pay: {amount}."),
    # Why not.
    "refused_insufficient_balance": Text(
        "So viel ist nicht auf der Karte, sondern {amount}.",
        "There is not that much on the card, but {amount}.",
    ),
    "refused_card_not_active_pending": Text(
        "Die Karte ist noch nicht aufgeladen.", "The card has not been loaded yet."
    ),
    "refused_card_not_active_blocked": Text("Die Karte ist gesperrt.", "The card is blocked."),
    "refused_card_not_active_deactivated": Text("Die Karte gilt nicht mehr.", "The card is no longer valid."),
    "refused_card_expired": Text("Die Karte ist abgelaufen.", "The card has expired."),
    "refused_barcode_stale": Text(
        "Der Code hat sich inzwischen geändert. Bitte vom Handy selbst scannen, nicht von einem Foto.",
        "The code has changed since. Please scan it from the phone itself, not from a photo.",
    ),
    "refused_already_redeemed": Text(
        "Der Gutschein ist schon eingelöst.", "The coupon has been used already."
    ),
    "refused_no_reward_available": Text(
        "Auf dieser Karte wartet keine Prämie.", "No reward is waiting on this card."
    ),
    "refused_program_limit_max_stamps_per_day": Text(
        "Mehr Stempel gibt es für diese Karte heute nicht.", "This card can have no more stamps today."
    ),
    "refused_program_limit_minimum_load": Text(
        "So kleine Beträge lassen sich nicht aufladen.", "Amounts that small cannot be loaded."
    ),
    "refused_program_limit_maximum_balance": Text(
        "So viel darf nicht auf die Karte.", "The card may not hold that much."
    ),
    "refused_program_limit_not_reloadable": Text(
        "Diese Karte lässt sich nur einmal aufladen.", "This card can be loaded only once."
    ),
    "refused_offer_not_applicable_minimum_order": Text(
        "Für diesen Gutschein ist die Bestellung zu klein.", "The order is too small for this coupon."
    ),
    "refused_offer_not_applicable_not_yet_valid": Text(
        "Das Angebot hat noch nicht begonnen.", "The offer has not begun yet."
    ),
    "refused_offer_not_applicable_no_longer_valid": Text("Das Angebot ist vorbei.", "The offer has ended."),
    "refused_refund_exceeds_redemption": Text(
        "Das ist schon ganz zurückgenommen.", "That has been taken back in full already."
    ),
    "refused_reversed": Text("Das ist schon rückgängig gemacht.", "That has been undone already."),
    "refused_wrong_kind": Text("Das geht mit dieser Karte nicht.", "This card cannot do that."),
    "refused_idempotency_key_reused": Text(
        "Dieses Formular wurde schon abgeschickt. Bitte noch einmal.",
        "This form was sent before. Please try again.",
    ),
    "refused_busy": Text(
        "Gerade ist viel los, es ist nichts passiert. Bitte noch einmal.",
        "Very busy right now; nothing was done. Please try again.",
    ),
}
