#!/usr/bin/env python3
"""Check what `ledger export` wrote: python3 verify_export.py EXPORT PUBLIC_KEY... (needs `cryptography`)."""

import hashlib
import json
import sys
from collections import Counter

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


def demand(is_so, otherwise):
    """Stop at the first thing that is wrong."""
    if not is_so:
        raise ValueError(otherwise)


def digest(*parts):
    """SHA-256."""
    return hashlib.sha256(b"".join(parts)).digest()


def canonical(value):
    """JSON as it was hashed and signed: keys sorted, no spaces, UTF-8."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def tree(hashes):
    """The Merkle root as in RFC 6962, 2.1."""
    if len(hashes) < 2:
        return hashes[0] if hashes else digest()
    half = 1 << (len(hashes) - 1).bit_length() - 1
    return digest(b"\1", tree(hashes[:half]), tree(hashes[half:]))


def is_signed(statement, signature, keys):
    """Whether one of the public keys signed it."""
    for key in keys:
        try:
            Ed25519PublicKey.from_public_bytes(key).verify(bytes.fromhex(signature), canonical(statement))
            return True
        except InvalidSignature:
            continue
    return False


def check(lines, keys):
    """Follow every line; returns what was counted."""
    count, sums, links, covered = Counter(), Counter(), {}, {}
    card, head, version, entries, leaves, previous, day = None, "", 0, 0, [], bytes(32).hex(), ""
    for number, line in enumerate(lines, 1):
        row, at = json.loads(line), f"line {number}: "
        kind = row["kind"]
        count[kind] += 1
        demand((number == 1) == (kind == "book") and count["end"] <= (kind == "end"), at + "out of place")
        if card and kind != "entry":  # all entries of the card have been read
            own = {name: on for name, on in sums.items() if on and name.startswith(card["id"] + ".")}
            demand(card["balances"] == own, at + "the card above has other balances")
            demand(head == card["chain_head"], at + "the card above ends in another entry")
            card = None
        if kind == "book":
            merchant = row["merchant_id"]
            demand(row["format"] == "stempel-export-1", at + "an export of another form")
        elif kind == "card":
            card, head, version, entries, sums = row, bytes(32).hex(), 0, 0, Counter()
        elif kind == "entry":
            entry, entries = row["entry"], entries + 1
            head = digest(bytes.fromhex(head), canonical(entry)).hex()
            demand(row["chain"] == head, at + "the entry is not what was chained to the one before")
            demand(entry["merchant_id"] == merchant and entry["card_id"] == card["id"], at + "a stray entry")
            demand(entry["card_version"] > version, at + "the entry is out of order")
            for posting in entry["postings"]:
                sums[posting["source"]] -= posting["amount"]
                sums[posting["destination"]] += posting["amount"]
            balance = sums[f"{card['id']}.balance.{entry['balance_asset']}"]
            demand(entry["balance_after"] == balance >= 0, at + "the balance is not what was moved")
            version = entry["card_version"]
            links[card["id"], version] = head, entries
        elif kind == "leaf":
            leaf = row["leaf"]
            linked, reached = links[leaf["card_id"], leaf["card_version"]]
            demand(linked == leaf["head"], at + "the card's chain was elsewhere")
            demand(row["sequence"] == count["root"] + 1, at + "a leaf of another root")
            covered[leaf["card_id"]] = reached
            leaves.append(digest(b"\0", canonical(leaf)))
        elif kind == "root":
            root = row["statement"]
            demand(is_signed(root, row["signature"], keys), at + "none of the keys signed it")
            demand(root["merchant_id"] == merchant and root["day"] > day, at + "another merchant's or day's")
            demand(
                (root["sequence"], root["previous"]) == (count["root"], previous), at + "a root is missing"
            )
            found = tree(leaves).hex(), len(leaves), sum(covered.values())
            demand((root["root"], root["leaves"], root["transactions"]) == found, at + "other leaves")
            previous, day, leaves = digest(canonical(root)).hex(), root["day"], []
        else:
            found = {name: count[kind] for name, kind in KINDS.items()}
            demand({"kind": "end"} | found == row, at + "the export is not whole")
    demand(count["end"] == 1 and not leaves, "the export is not whole")
    return found | {"entries_after_last_root": count["entry"] - sum(covered.values()), "last_root_of": day}


KINDS = {"cards": "card", "entries": "entry", "roots": "root"}

if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8") as export:
        try:
            counted = check(export, [bytes.fromhex(key) for key in sys.argv[2:]])
        except (AttributeError, KeyError, TypeError, ValueError) as wrong:
            sys.exit(f"NOT WHAT WAS BOOKED: {wrong}")
    sys.stdout.write(json.dumps(counted) + "\n")
