"""What can be wrong with the books, each as the SQL that makes it so and as what the proof must say of it.

What can be wrong with what stands beside the entries is in faults_beside.py.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Fault:
    """SQL with the names of entries and cards in braces, and words the report must say about it."""

    name: str
    sql: str
    says: str


FAULTS = [
    Fault(
        "a balance raised by hand",
        "UPDATE accounts SET balance = balance + 1 WHERE card_id = '{cards[gift]}'",
        "has 701 on account {cards[gift]}.balance.EUR, but its postings add up to 700",
    ),
    Fault(
        "a waiting reward slipped in",
        "UPDATE accounts SET balance = balance + 1 WHERE card_id = '{cards[stamp]}' AND role = 'rewards'",
        "on account {cards[stamp]}.rewards.REWARD",
    ),
    Fault(
        "a debt forgotten",
        "UPDATE accounts SET balance = balance + 1 WHERE card_id = '{cards[points]}' AND role = 'owed'",
        "on account {cards[points]}.owed.POINT",
    ),
    Fault(
        "a changed posting",
        "UPDATE postings SET amount = 999 WHERE transaction_id = '{entries[load]}'",
        "Transaction {entries[load]} of card {cards[gift]} says 1000 EUR, but its postings say 999",
    ),
    Fault(
        "a posting turned around",
        "UPDATE postings SET source = destination, destination = source "
        "WHERE transaction_id = '{entries[load]}'",
        "moves from balance to issued, which no load does",
    ),
    Fault(
        "a deleted posting",
        "DELETE FROM postings WHERE transaction_id = '{entries[coupon]}'",
        "Transaction {entries[coupon]} of card {cards[coupon]} says 1 USE, but its postings say 0",
    ),
    Fault(
        "a posting in another asset",
        "UPDATE postings SET asset = 'USD' WHERE transaction_id = '{entries[load]}'",
        "moves USD over account {cards[gift]}.balance.EUR",
    ),
    Fault(
        "a posting out of another merchant's program",
        "UPDATE postings SET source = 'prog_stray.issued.EUR' WHERE transaction_id = '{entries[load]}'; "
        "INSERT INTO accounts (id, merchant_id, program_id, role, asset) "
        "VALUES ('prog_stray.issued.EUR', 'mer_stray', 'prog_stray', 'issued', 'EUR')",
        "uses account prog_stray.issued.EUR of another merchant or program",
    ),
    Fault(
        "a posting onto another card",
        "UPDATE postings SET destination = '{cards[points]}.balance.POINT' "
        "WHERE transaction_id = '{entries[stamps]}'",
        "uses account {cards[points]}.balance.POINT of another card",
    ),
    Fault(
        "a posting over an account that is not there",
        "UPDATE postings SET source = 'nowhere' WHERE transaction_id = '{entries[load]}'",
        "names account nowhere, which does not exist",
    ),
    Fault(
        "a posting of less than nothing",
        "UPDATE postings SET amount = -1000 WHERE transaction_id = '{entries[load]}'",
        "moves -1000 in posting 0",
    ),
    Fault(
        "a reward without its stamps",
        "DELETE FROM postings WHERE transaction_id = '{entries[full]}' AND "
        "source = '{cards[stamp]}.balance.STAMP'",
        "turns 0 stamps into or out of 1 rewards",
    ),
    Fault(
        "a changed amount",
        "UPDATE transactions SET amount = 1 WHERE id = '{entries[pay]}'",
        "Transaction {entries[pay]} of card {cards[gift]} says 1 EUR, but its postings say 5500",
    ),
    Fault(
        "a changed delta",
        "UPDATE transactions SET delta = -5000 WHERE id = '{entries[pay]}'",
        "says delta -5000, but its postings say -5500",
    ),
    Fault(
        "a changed balance after",
        "UPDATE transactions SET balance_after = 501 WHERE id = '{entries[pay]}'",
        "says balance 501, but the postings say 500",
    ),
    Fault(
        "a balance after that does not follow from the one before",
        "UPDATE transactions SET balance_after = 501 WHERE id = '{entries[pay]}'",
        "says balance 700 after 501 and +200",
    ),
    Fault(
        "a changed count of rewards",
        "UPDATE transactions SET rewards_after = 2 WHERE id = '{entries[full]}'",
        "says rewards 2, but the postings say 1",
    ),
    Fault(
        "rewards on a card that has none",
        "UPDATE transactions SET rewards_after = 0 WHERE id = '{entries[pay]}'",
        "says rewards 0, but the postings say None",
    ),
    Fault(
        "another type",
        "UPDATE transactions SET type = 'load' WHERE id = '{entries[pay]}'",
        "moves from balance to spent, which no load does",
    ),
    Fault(
        "a type nobody knows",
        "UPDATE transactions SET type = 'magic' WHERE id = '{entries[pay]}'",
        "is of type magic, which the books do not know",
    ),
    Fault(
        "a balance in another asset",
        "UPDATE transactions SET balance_asset = 'USD' WHERE id = '{entries[pay]}'",
        "counts the balance in USD",
    ),
    Fault(
        "an entry of another merchant",
        "UPDATE transactions SET merchant_id = 'mer_stray' WHERE id = '{entries[pay]}'",
        "Transaction {entries[pay]} of card {cards[gift]} belongs to merchant mer_stray",
    ),
    Fault(
        "money spent before it came",
        "UPDATE transactions SET card_version = 0 WHERE id = '{entries[pay]}'",
        "Transaction {entries[pay]} of card {cards[gift]} takes account {cards[gift]}.balance.EUR below zero",
    ),
    Fault(
        "a card behind its entries",
        "UPDATE cards SET version = 1 WHERE id = '{cards[stamp]}'",
        "Card {cards[stamp]} is at version 1, but has an entry of version",
    ),
    Fault(
        "points collected that were not",
        "UPDATE cards SET collected = collected + 1 WHERE id = '{cards[points]}'",
        "Card {cards[points]} has collected 56, but its entries say 55",
    ),
    Fault(
        "a card without its account",
        "DELETE FROM accounts WHERE card_id = '{cards[points]}' AND role = 'owed'",
        "Card {cards[points]} has no account for its owed in POINT",
    ),
    Fault(
        "a card with an account too many",
        "INSERT INTO accounts (id, merchant_id, program_id, card_id, role, asset, balance) "
        "SELECT id || '.balance.USD', merchant_id, program_id, id, 'balance', 'USD', 0 FROM cards "
        "WHERE id = '{cards[gift]}'",
        "Card {cards[gift]} has account {cards[gift]}.balance.USD, which cards of its kind do not have",
    ),
    Fault(
        "a card's account with another merchant's name on it",
        "UPDATE accounts SET merchant_id = 'mer_stray' WHERE card_id = '{cards[coupon]}'",
        "Card {cards[coupon]} has account {cards[coupon]}.balance.USE of another merchant",
    ),
    Fault(
        "a card without its program",
        "DELETE FROM programs WHERE id = '{programs[coupon]}'",
        "Card {cards[coupon]} belongs to program {programs[coupon]}, which does not exist",
    ),
    Fault(
        "a deleted card",
        "DELETE FROM cards WHERE id = '{cards[gift]}'",
        "Transaction {entries[load]} belongs to card {cards[gift]}, which does not exist",
    ),
    Fault(
        "an account that outlived its card",
        "DELETE FROM cards WHERE id = '{cards[gift]}'",
        "Account {cards[gift]}.balance.EUR belongs to card {cards[gift]}, which does not exist",
    ),
    Fault(
        "an account that outlived its program",
        "DELETE FROM programs WHERE id = '{programs[coupon]}'",
        "Account {programs[coupon]}.spent.USE belongs to program {programs[coupon]}, which does not exist",
    ),
    Fault(
        "a deleted transaction",
        "DELETE FROM transactions WHERE id = '{entries[load]}'",
        "Posting 0 belongs to transaction {entries[load]}, which does not exist",
    ),
    Fault(
        "a refund of another card's redemption",
        "UPDATE transactions SET undoes = '{entries[reward]}' WHERE id = '{entries[refund]}'",
        "Transaction {entries[refund]} undoes {entries[reward]}, which it cannot",
    ),
    Fault(
        "a refund of something that is no redemption",
        "UPDATE transactions SET undoes = '{entries[load]}' WHERE id = '{entries[refund]}'",
        "Transaction {entries[refund]} undoes {entries[load]}, which it cannot",
    ),
    Fault(
        "a refund of nothing",
        "UPDATE transactions SET undoes = NULL WHERE id = '{entries[refund]}'",
        "Transaction {entries[refund]} of card {cards[gift]} is a refund and undoes nothing",
    ),
    Fault(
        "a refund forgotten",
        "UPDATE undoings SET undone = 0 WHERE transaction_id = '{entries[pay]}'",
        "Transaction {entries[pay]} counts 0 of 5500 as undone, its entries say 200 of 5500",
    ),
    Fault(
        "a refund nobody counted",
        "DELETE FROM undoings WHERE transaction_id = '{entries[pay]}'",
        "Transaction {entries[pay]} was undone by {entries[refund]}, which was not counted",
    ),
    Fault(
        "more to refund than was taken",
        "UPDATE undoings SET total = 6000 WHERE transaction_id = '{entries[pay]}'",
        "Transaction {entries[pay]} counts 200 of 6000 as undone, its entries say 200 of 5500",
    ),
    Fault(
        "a sale reversed twice",
        "UPDATE transactions SET undoes = '{entries[full]}' WHERE id = '{entries[points undone]}'",
        "Transaction {entries[full]} counts 1 of 1 as undone, its entries say 2 of 1",
    ),
    Fault(
        "a transfer that came from elsewhere",
        'UPDATE transactions SET details = \'{{"from": "card_stray", "collected": 7}}\' '
        "WHERE type = 'transfer' AND card_id = '{cards[found]}'",
        "Cards {cards[lost]} and {cards[found]} disagree about a transfer: 7 left the one, None came to",
    ),
    Fault(
        "more collected than came over",
        "UPDATE cards SET collected = 8 WHERE id = '{cards[found]}'",
        "Card {cards[found]} has collected 8, but its entries say 7",
    ),
    Fault(
        "a load undone twice",
        "UPDATE undoings SET undone = 0 WHERE transaction_id = '{entries[undone]}'",
        "Transaction {entries[undone]} counts 0 of 5 as undone, its entries say 5 of 5",
    ),
    Fault(
        "more held than the holds say",
        "UPDATE accounts SET held = held + 1 WHERE card_id = '{cards[gift]}'",
        "Account {cards[gift]}.balance.EUR says 31 is held, its open holds say 30",
    ),
    Fault(
        "a hold of another amount",
        "UPDATE holds SET amount = amount - 1 WHERE id = '{holds[open]}'",
        "Account {cards[gift]}.balance.EUR says 30 is held, its open holds say 29",
    ),
    Fault(
        "a hold opened again",
        "UPDATE holds SET status = 'open' WHERE id = '{holds[void]}'",
        "Account {cards[gift]}.balance.EUR says 30 is held, its open holds say 80",
    ),
    Fault(
        "a hold on a closed card",
        "UPDATE cards SET state = 'deactivated' WHERE id = '{cards[gift]}'",
        "Hold {holds[open]} is open on card {cards[gift]}, which does not exist or is closed",
    ),
    Fault(
        "a capture of another amount",
        "UPDATE holds SET captured = 36 WHERE id = '{holds[taken]}'",
        "Hold {holds[taken]} is captured with 36 captured, which transaction {entries[capture]} does not",
    ),
    Fault(
        "a capture said to be void",
        "UPDATE holds SET status = 'voided' WHERE id = '{holds[taken]}'",
        "Hold {holds[taken]} is voided with 35 captured, which transaction {entries[capture]} does not",
    ),
    Fault(
        "a capture of nothing",
        "DELETE FROM holds WHERE id = '{holds[taken]}'",
        "Transaction {entries[capture]} captures a hold that does not exist",
    ),
    Fault(
        "an entry told another way",
        "UPDATE transactions SET actor = 'somebody else' WHERE id = '{entries[pay]}'",
        "Transaction {entries[pay]} of card {cards[gift]} is not what was chained to the entry before it",
    ),
    Fault(
        "a posting in another place",
        "UPDATE postings SET position = 7 WHERE transaction_id = '{entries[pay]}'",
        "Transaction {entries[pay]} of card {cards[gift]} is not what was chained to the entry before it",
    ),
    Fault(
        "a changed link",
        "UPDATE transactions SET chain = (SELECT chain FROM transactions WHERE id = '{entries[load]}') "
        "WHERE id = '{entries[pay]}'",
        "Transaction {entries[refund]} of card {cards[gift]} is not what was chained to the entry before it",
    ),
    Fault(
        "a card that ends in another link",
        "UPDATE cards SET chain_head = (SELECT chain FROM transactions WHERE id = '{entries[load]}') "
        "WHERE id = '{cards[gift]}'",
        "Card {cards[gift]} does not end in the link of its last entry",
    ),
]
