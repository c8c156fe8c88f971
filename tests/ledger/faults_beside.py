"""What can be wrong beside the entries: with remembered answers, baskets, their refunds, and reversals."""

from tests.ledger.faults import Fault

FAULTS_BESIDE = [
    Fault(
        "an answer with another amount",
        "UPDATE transactions SET reference = 'another' WHERE id = '{entries[pay]}'",
        "Key key-pay of merchant {merchant_id} was answered with another reference than transaction",
    ),
    Fault(
        "an answer about a transaction that is not there",
        "DELETE FROM transactions WHERE id = '{entries[pay]}'",
        "Key key-pay of merchant {merchant_id} was answered with transaction {entries[pay]}, which does not",
    ),
    Fault(
        "an answer about a card that is not there",
        "DELETE FROM cards WHERE id = '{cards[gift]}'",
        "Key key-card of merchant {merchant_id} was answered with card {cards[gift]}, which does not exist",
    ),
    Fault(
        "an answer under another merchant's key",
        "UPDATE answered_keys SET merchant_id = 'mer_stray' WHERE answered_keys.key = 'key-pay'",
        "Key key-pay of merchant mer_stray was answered with transaction {entries[pay]}, which does not",
    ),
    Fault(
        "an answer that is no JSON",
        "UPDATE answered_keys SET body = fingerprint WHERE answered_keys.key = 'key-pay'",
        "Key key-pay of merchant {merchant_id} was answered with what is no JSON",
    ),
    Fault(
        "a basket that paid another sum",
        "UPDATE baskets SET paid = 61, remaining_due = 3 WHERE id = '{baskets[paid]}'",
        "Basket {baskets[paid]} says discount, paid and due (16, 61, 3), but its lines say (16, 60, 4)",
    ),
    Fault(
        "a basket of another order",
        "UPDATE baskets SET order_total = 81, remaining_due = 5 WHERE id = '{baskets[paid]}'",
        "Key key-basket of merchant {merchant_id} was answered with another order_total and remaining_due",
    ),
    Fault(
        "a basket under another receipt",
        "UPDATE baskets SET reference = 'another' WHERE id = '{baskets[paid]}'",
        "Basket {baskets[paid]} has another reference than its line 0",
    ),
    Fault(
        "a basket of all that refused one",
        "UPDATE baskets SET mode = 'all' WHERE id = '{baskets[paid]}'",
        "Basket {baskets[paid]} took all, but not line 1",
    ),
    Fault(
        "a basket without one of its lines",
        "DELETE FROM basket_lines WHERE basket_id = '{baskets[paid]}' AND position = 0",
        "Basket {baskets[paid]} misses a line",
    ),
    Fault(
        "a line of another transaction",
        "UPDATE basket_lines SET transaction_id = '{entries[load]}' WHERE transaction_id = '{entries[line]}'",
        "Basket {baskets[paid]} says that line 0 was taken, which the books do not",
    ),
    Fault(
        "a line of another card",
        "UPDATE basket_lines SET card_id = '{cards[coupon]}' WHERE transaction_id = '{entries[line]}'",
        "Basket {baskets[paid]} uses a card twice",
    ),
    Fault(
        "a basket that is gone",
        "DELETE FROM baskets WHERE id = '{baskets[paid]}'",
        "Line 0 belongs to basket {baskets[paid]}, which does not exist",
    ),
    Fault(
        "a refund of what the line did not take",
        "UPDATE basket_refund_lines SET transaction_id = '{entries[refund]}' "
        "WHERE refund_id = '{baskets[given back]}'",
        "Refund {baskets[given back]} of a basket gives line 0 back by {entries[refund]}, which does not",
    ),
    Fault(
        "a refund of a line that was refused",
        "UPDATE basket_refund_lines SET position = 1 WHERE refund_id = '{baskets[given back]}'",
        "Refund {baskets[given back]} of a basket gives line 1 back by {entries[line back]}, which does not",
    ),
    Fault(
        "an answer about a basket's refund that is not there",
        "DELETE FROM basket_refunds WHERE id = '{baskets[given back]}'",
        "Key key-basket back of merchant {merchant_id} was answered with basket {baskets[given back]}, which",
    ),
    Fault(
        "a refund that was undone and still counts",
        "UPDATE undoings SET undone = 60 WHERE transaction_id = '{entries[line]}'",
        "Transaction {entries[line]} counts 60 of 60 as undone, its entries say 0 of 60",
    ),
    Fault(
        "an undone refund forgotten",
        "UPDATE undoings SET undone = 0 WHERE transaction_id = '{entries[line back]}'",
        "Transaction {entries[line back]} counts 0 of 1 as undone, its entries say 1 of 1",
    ),
    Fault(
        "a reversal turned to another key",
        "UPDATE tombstones SET name = 'key-of-somebody' WHERE kind = 'key' AND name = 'key-undone'",
        "The reversal of key key-of-somebody of merchant {merchant_id} is not as it was noted",
    ),
    Fault(
        "a line refused for another reason",
        "UPDATE basket_lines SET problem = '{{}}' WHERE basket_id = '{baskets[paid]}' AND position = 1",
        "{baskets[paid]} in baskets is not, with its lines, as it was answered",
    ),
    Fault(
        "a refund of a basket under another receipt",
        "UPDATE basket_refunds SET reference = 'x' WHERE id = '{baskets[given back]}'",
        "{baskets[given back]} in basket_refunds is not, with its lines, as it was answered",
    ),
]
