#!/usr/bin/env python3
"""Writes the lists in this folder: the same 200 people, in the forms that spreadsheets write.

Run it without arguments. Its output is always the same.
"""

import csv
import io
from pathlib import Path

FIRST = ["Jürgen", "Zoë", "José", "Anaïs", "Søren", "Mary", "François", "Ürsula", "Nils", "Ada"]
LAST = ["Müller", "O'Hara", "Sánchez", "Strauß", "Smith, Jr.", 'de "la" Cruz', "Ångström", "Groß; Sohn"]
PLAIN = str.maketrans("üöäßëéïøçÜÅáô", "uoaseeiocUAao")


def people():
    """Yields 200 rows: name, invitee, and a note that may have a line break in it."""
    for number in range(200):
        first = FIRST[number % len(FIRST)]
        last = LAST[number // len(FIRST) % len(LAST)]
        local = f"{first}.{last.split()[0].strip(',;')}".translate(PLAIN)
        if number % 10 == 3:
            invitee = f"+49 30 {901820 + number}"
        elif number % 10 == 7:
            invitee = f"@{local.lower().replace(chr(39), '')}{number}:node.example"
        elif number % 10 == 9:
            invitee = f"{first}.{number}@bücher.example"
        else:
            invitee = f"{local}+{number}@Example.com"
        note = ["", "VIP", "called on Monday,\ncoming", "ça va; peut-être"][number % 4]
        yield f"{first} {last}", invitee, note


def table(separator, line_end):
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=separator, lineterminator=line_end)
    writer.writerow(["Name", "E-Mail", "Note"])
    writer.writerows(people())
    return text.getvalue()


# Excel for Windows: "CSV (delimited)" in Germany, "CSV UTF-8", "Unicode Text". Excel for Mac: "CSV (Macintosh)", here in
# UTF-8. LibreOffice: CSV with semicolons.
FORMS = {
    "semicolon-windows-1252.csv": table(";", "\r\n").encode("cp1252"),
    "comma-utf-8-bom.csv": table(",", "\r\n").encode("utf-8-sig"),
    "tab-utf-16le.txt": b"\xff\xfe" + table("\t", "\r\n").encode("utf-16-le"),
    "comma-cr.csv": table(",", "\r").encode(),
    "semicolon-utf-8.csv": table(";", "\n").encode(),
}

if __name__ == "__main__":
    for name, content in FORMS.items():
        Path(__file__).with_name(name).write_bytes(content)
