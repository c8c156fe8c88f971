"""How a life of cards is asked again and wrongly: old keys, other bodies, bad bodies, time that passes."""

from datetime import timedelta

from hypothesis import strategies as st
from hypothesis.stateful import rule

from tests.fixtures.api import counted, eur
from tests.fixtures.databases import START
from tests.protocols.lives.life import Life, picks

WRONGS = 9
"""How many ways there are to get a request wrong."""


class Asking(Life):
    """Requests again, requests that are wrong, and a clock that jumps."""

    @rule(pick=picks, altered=st.booleans())
    def repeat(self, pick: int, altered: bool) -> None:
        keys = [key for key in self.sent if key not in self.gone]
        if not keys:
            return
        key = keys[pick % len(keys)]
        path, body, first = self.sent[key]
        again = self.shop.till.post(path, {**body, "note": "again"} if altered else body, key=key)
        if altered:
            assert again.code == "idempotency_key_reused"
            self.reached["idempotency_key_reused"] += 1
        else:
            assert (again.status, again.raw, again.is_replay) == (first.status, first.raw, True)

    @rule(wrong=st.sampled_from(range(WRONGS)))
    def get_it_wrong(self, wrong: int) -> None:
        """Nothing happens, and the answer names what is wrong."""
        card_id, card = self._of("gift")
        pay = {"card_id": card_id, "amount": eur(1)}
        till, other = self.shop.till, self.scene.other_shop.till
        stranger = "card_00000000000000000000000000"
        answer, code = [
            lambda: (till.post("/redemptions", {**pay, "amount": eur(0)}), "invalid_request"),
            lambda: (till.post("/redemptions", raw=b"{"), "malformed_json"),
            lambda: (till.post("/redemptions", pay, key=None), "idempotency_key_required"),
            lambda: (till.post("/redemptions", {**pay, "card_id": stranger}), "card_not_found"),
            lambda: (till.post("/redemptions/txn_1/refund", {}), "not_found"),
            lambda: (self.shop.reader.post("/redemptions", pay), "scope_missing"),
            lambda: (other.post("/redemptions", pay), "card_not_found"),
            lambda: (till.post("/stamps", {"card_id": card_id, "count": 1}), "wrong_kind"),
            lambda: (till.post("/holds", {**pay, "amount": counted(1, "POINT")}), "asset_mismatch"),
        ][wrong]()
        if code == "asset_mismatch":
            code = card.refusal() or code
        assert answer.code == code
        self.reached[code] += 1
        self._compare(card_id)

    @rule(hours=st.floats(0.01, 3))
    def wait(self, hours: float) -> None:
        self.clock.at += timedelta(hours=hours)
        answer = self.shop.till.post("/redemptions", {"card_id": self.mortal, "amount": eur(1)})
        is_past = self.clock.at >= START + timedelta(hours=1)
        assert answer.code == ("card_expired" if is_past else None)
        self.reached[answer.code or "done"] += 1
