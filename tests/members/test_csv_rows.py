"""Reading lists as shops have them."""

import pytest

from passes.errors import FieldError
from passes.members.csv_rows import CsvFile, RowProblem, read_csv

LIST = "external_id,name\n1,Käthe\n2,Bob\n"


def names(file: CsvFile) -> list[str | None]:
    return [row.member.name for row in file.rows]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1", "cp1252"])
@pytest.mark.parametrize("separator", [",", ";"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_encoding_separator_and_line_ends_do_not_matter(encoding: str, separator: str, line_end: str) -> None:
    content = LIST.replace(",", separator).replace("\n", line_end).encode(encoding)
    assert names(read_csv(content)) == ["Käthe", "Bob"]


def test_windows_letters_are_read_as_such() -> None:
    assert names(read_csv("external_id;name\n1;Café “Œuvre”\n".encode("cp1252"))) == ["Café “Œuvre”"]


@pytest.mark.parametrize(
    "heading, column",
    [
        ("External-ID", "external_id"),
        ("Kundennummer", "external_id"),
        (" E-Mail ", "email"),
        ("E-Mail-Adresse", "email"),
    ],
)
def test_headings_may_be_german_and_written_in_any_case(heading: str, column: str) -> None:
    value = "a@b.de"
    [row] = read_csv(f"{heading}\n{value}\n".encode()).rows
    assert getattr(row.member, column) == value


def test_every_column_finds_its_field() -> None:
    content = (
        "Kundennummer;Name;E-Mail;Telefon;Geburtstag;Sprache;Zeitzone;Tags;consent_wallet;consent_email;"
        "consent_wording;consent_source\n"
        '7;"Müller; Käthe";K@M.de;030 1234;29.02.1992;de;Europe/Berlin;vip, regular;'
        'ja;nein;"Ja, gern.";Zettel\n'
    )
    [row] = read_csv(content.encode()).rows
    assert row.member.model_dump(exclude_unset=True) == {
        "external_id": "7",
        "name": "Müller; Käthe",
        "email": "k@m.de",
        "phone": "0301234",
        "birthday": "1992-02-29",
        "locale": "de",
        "time_zone": "Europe/Berlin",
        "tags": ("vip", "regular"),
    }
    assert [(c.channel, c.granted, c.wording, c.source) for c in row.consents] == [
        ("wallet", True, "Ja, gern.", "Zettel"),
        ("email", False, "Ja, gern.", "Zettel"),
    ]


@pytest.mark.parametrize(
    "cell, birthday",
    [("1992-02-29", "1992-02-29"), ("--02-29", "--02-29"), ("1.3.1990", "1990-03-01"), ("1. 3.", "--03-01")],
)
def test_birthdays_are_read_as_the_api_and_as_germans_write_them(cell: str, birthday: str) -> None:
    [row] = read_csv(f"external_id,birthday\n1,{cell}\n".encode()).rows
    assert row.member.birthday == birthday


def test_empty_cells_say_nothing_and_empty_rows_are_skipped_but_counted() -> None:
    file = read_csv(b"external_id,name,email\n\n1,,\n,,\n2\n,,x\n")
    assert [(row.number, row.member.model_fields_set) for row in file.rows] == [
        (3, {"external_id"}),
        (5, {"external_id"}),
    ]
    assert [(p.row, p.field) for p in file.problems] == [(6, "email")]


@pytest.mark.parametrize(
    "row, field",
    [
        ("1,x" + "x" * 200 + ",,,,,,", "name"),
        ("1,,nobody,,,,,", "email"),
        ("1,,,30.02.1990,,,,", "birthday"),
        ("1,,,1990,,,,", "birthday"),
        ("1,,,,xx-,,,", "locale"),
        ("1,,,,,Berlin,,", "time_zone"),
        ("1,,,,,,maybe,", "consent_wallet"),
        ("1,,,,,,yes,", "consent_wording"),
        ("1,,,,,,yes," + "x" * 4001, "consent_wording"),
        (",Ada,,,,,,", "external_id"),
        ("1,Müller, Käthe,,,,,,", "file"),
    ],
)
def test_what_is_wrong_is_told_by_row_and_column(row: str, field: str) -> None:
    head = "external_id,name,email,birthday,locale,time_zone,consent_wallet,consent_wording"
    file = read_csv(f"{head}\n0,Fine,,,,,,\n{row}\n2,Fine,,,,,,\n".encode())
    assert [row.number for row in file.rows] == [2, 4]
    [problem] = file.problems
    assert (problem.row, problem.field) == (3, field)
    assert problem.message


def test_a_row_with_several_faults_tells_them_all() -> None:
    file = read_csv(b"external_id,email,locale\n1,nobody,x\n")
    assert file.problems == [
        RowProblem(2, "email", "must be an e-mail address such as anna@example.com"),
        RowProblem(2, "locale", "must be a language such as de or en-GB"),
    ]


def test_a_formula_is_only_an_odd_name() -> None:
    [row] = read_csv(b'external_id,name\n1,"=HYPERLINK(""http://x"")"\n').rows
    assert row.member.name == '=HYPERLINK("http://x")'


@pytest.mark.parametrize(
    "content, field, hint",
    [
        (b"", "file", "external_id or email"),
        (b"name\nAda\n", "file", "external_id or email"),
        (b"external_id,nmae\n1,Ada\n", "nmae", "did you mean name"),
        (b"external_id,shoe size\n1,42\n", "shoe size", "known are"),
        (b"external_id,\n1,42\n", "file", "heading we do not know"),
        (b"email,E-Mail\na@b.de,a@b.de\n", "email", "two columns"),
        (b"PK\x03\x04\0\0", "file", "save the sheet as CSV"),
        ("external_id,name\n1,Ada\n".encode("utf-16"), "file", "save the sheet as CSV"),
        (b'external_id,name\n1,"Ada\n2,Bob\n', "file", "line 3"),
        (b'external_id,name\n1,"Ada"x\n', "file", "line 2"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_as_a_whole(content: bytes, field: str, hint: str) -> None:
    with pytest.raises(FieldError, match=hint) as error:
        read_csv(content)
    assert error.value.errors[0]["field"] == field
