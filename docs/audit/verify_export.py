# Check a `ledger export`, as docs/audit.md describes it: python3 verify_export.py PUBLIC_KEY... < EXPORT
import json
import sys
from hashlib import sha256

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


def demand(is_so, otherwise):
    if not is_so:
        sys.exit(f"NOT WHAT WAS BOOKED: line {number}: {otherwise}")


canonical = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode
keys = {key.lower(): Ed25519PublicKey.from_public_bytes(bytes.fromhex(key)) for key in sys.argv[1:]}
number, sealed, last, previous = 1, {}, {"sequence": 0, "day": "", "transactions": 0}, "00" * 32
sys.excepthook = lambda kind, wrong, where: demand(False, f"{kind.__name__} {wrong}")
book = json.loads(sys.stdin.buffer.readline())
shop = {"merchant_id": book["merchant_id"]}
demand(book == {"kind": "book", "format": "stempel-export-2"} | shop, "an export of another form")
for number, line in enumerate(sys.stdin.buffer, 2):  # noqa: B007 - demand() says it
    row = json.loads(line)
    if row["kind"] not in ("root", "end"):
        leaf, sums, owner = {"card_version": 0, "head": "00" * 32}, {}, shop | {"card_id": row["id"]}
        for entry, chain, root in row["entries"]:
            for posting in entry["postings"]:
                sums[posting["source"]] = sums.get(posting["source"], 0) - posting["amount"]
                sums[posting["destination"]] = sums.get(posting["destination"], 0) + posting["amount"]
            balance = sums[f"{row['id']}.balance.{entry['balance_asset']}"]
            head = sha256(bytes.fromhex(leaf["head"]) + canonical(entry).encode()).hexdigest()
            demand(entry | owner == entry and entry["card_version"] > leaf["card_version"], f"stray: {chain}")
            demand(chain == head and entry["balance_after"] == balance >= 0, f"{entry['id']} was changed")
            leaf = {"card_id": row["id"], "card_version": entry["card_version"], "head": head}
            sealed.setdefault(root, []).append((row["id"], sha256(b"\0" + canonical(leaf).encode()).digest()))
        demand(row | {"kind": "card", "chain_head": leaf["head"], "balances": sums} == row, f"it has {sums}")
    elif row["kind"] == "root":
        said, covered = row["statement"], sealed.pop(last["sequence"] + 1, [])
        nodes = list(dict(covered).values()) or [sha256().digest()]  # of each card its last entry
        while len(nodes) > 1:  # the Merkle tree of RFC 6962, from the leaves up
            pairs = [b"".join(nodes[at : at + 2]) for at in range(0, len(nodes), 2)]
            nodes = [sha256(b"\1" + pair).digest() if len(pair) > 32 else pair for pair in pairs]
        found = {"sequence": last["sequence"] + 1, "previous": previous, "leaves": len(dict(covered))}
        found |= {"root": nodes[0].hex(), "transactions": last["transactions"] + len(covered)} | shop
        demand(said | found == said and said["day"] > last["day"], f"it should follow {last} with {found}")
        demand(row["public_key"] in keys, "none of the keys signed it")
        keys[row["public_key"]].verify(bytes.fromhex(row["signature"]), canonical(said).encode())
        last, previous = said, sha256(canonical(said).encode()).hexdigest()
end = {"kind": "end", "lines": number, "entries_after_last_root": len(sealed.pop(None, []))}
demand(row == end and not sealed, f"the export is not whole: it should end with {end}")
sys.stdout.write(json.dumps(end | {"last_root": last}) + "\n")
