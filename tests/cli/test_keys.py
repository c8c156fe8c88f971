"""`keys show` and `keys rotate`: the public keys, for auditors and tills."""

from tests.cli.conftest import Shell


def test_a_rotated_key_is_shown_before_the_one_it_followed(shell: Shell) -> None:
    shell.merchant()
    asked = ("--merchant", "cafe", "--purpose", "root")
    assert shell.json("keys", "show", *asked) == []
    made = shell.json("keys", "rotate", *asked)
    shown = shell.json("keys", "show", *asked)
    assert shown[0] == made
    assert len(bytes.fromhex(made["public_key"])) == 32
    assert [key["retired_at"] is None for key in shown] == [True, False]
    assert made["public_key"] in shell.run("keys", "show", *asked).stdout
    assert shell.json("keys", "show", "--merchant", "cafe", "--purpose", "barcode") == []
    assert "From now on k" in shell.run("keys", "rotate", *asked).stdout
