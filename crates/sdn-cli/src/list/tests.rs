use super::*;

fn args(column: Option<&str>) -> ListArgs {
    ListArgs { column: column.map(str::to_owned), ..ListArgs::default() }
}

/// The position of a row, its text, and what is wrong with it.
type Read = (String, String, Option<String>);

fn read(source: &str, args: &ListArgs) -> Result<Vec<Read>, String> {
    let mut list = List::of(source.as_bytes(), "list")?;
    let mut problems = Problems::default();
    list.read(args, &mut problems);
    if let Some(problem) = problems.first() {
        return Err(problem.to_owned());
    }
    let rows = list.given.into_iter();
    Ok(rows.map(|row| (row.stand, row.text, row.invitee.err())).collect())
}

/// The problems of all rows, after the numbers of their lines.
fn problems(source: &str, column: Option<&str>) -> Vec<String> {
    let rows = read(source, &args(column)).unwrap().into_iter();
    rows.filter_map(|(stand, _, problem)| {
        Some(format!("{}: {}", stand.strip_prefix("list line ")?, problem?))
    })
    .collect()
}

fn valid(source: &str, column: Option<&str>) -> Vec<String> {
    let rows = read(source, &args(column)).unwrap();
    assert!(rows.iter().all(|(.., problem)| problem.is_none()), "{rows:?}");
    rows.into_iter().map(|(_, text, _)| text).collect()
}

#[test]
fn blank_rows_are_skipped() {
    let source = "\u{feff}alice@example.com,Alice\r\n\r\n\n\"+1 800 555 2067\"\r\n,\r\n  \r\n\
                  @bob:node.example ,\"Bob, the\nbuilder\"\r\n,nobody\r\nlast@example.com,,,";
    let unix = source.replace("\r\n", "\n");
    for source in [source, &unix, &unix.replace('\n', "\r")] {
        let rows = read(source, &args(None)).unwrap();
        let row = |line, text: &str, problem: Option<&str>| {
            (format!("list line {line}"), text.to_owned(), problem.map(str::to_owned))
        };
        assert_eq!(
            rows,
            [
                row(1, "alice@example.com", None),
                row(4, "+1 800 555 2067", None),
                row(7, "@bob:node.example", None),
                row(9, "", Some("the cell is empty; add an invitee, or remove the row")),
                row(10, "last@example.com", None),
            ]
        );
    }
}

#[test]
fn column_is_found_by_its_name() {
    let rows = read("Name, E-Mail\nAlice,alice@example.com\nBob\n", &args(Some("e-mail")));
    let row = |line, text: &str, problem: Option<&str>| {
        let stand = format!("list line {line}, column E-Mail");
        (stand, text.to_owned(), problem.map(str::to_owned))
    };
    let wanted = vec![
        row(2, "alice@example.com", None),
        row(3, "", Some("the cell is empty; add an invitee, or remove the row")),
    ];
    assert_eq!(rows, Ok(wanted));
    let problem = read("Name, E-Mail\nAlice,a@b.c\n", &args(Some("mail"))).unwrap_err();
    assert!(problem.contains("it has: Name, E-Mail"), "{problem}");
}

#[test]
fn separator_is_that_of_first_row() {
    let wanted = ["a@example.com", "b@example.com"];
    for separator in [',', ';', '\t'] {
        let source = format!("a@example.com{separator}A\nb@example.com{separator}\"B,;\t\n\"\n");
        assert_eq!(valid(&source, None), wanted);
        let source = format!(
            "n{separator}mail\r\nA{separator}a@example.com\r\n\"{separator}\"{separator}b@example.com"
        );
        assert_eq!(valid(&source, Some("Mail")), wanted);
    }
    assert_eq!(valid("sep=;\r\na@example.com;A, a\r\nb@example.com;B\r\n", None), wanted);
    let pipes = ListArgs { delimiter: Some("|".to_owned()), ..args(None) };
    let rows = read("a@example.com|A, A; A\nb@example.com|B", &pipes).unwrap();
    assert_eq!(rows[0].1, "a@example.com");
    assert_eq!(rows[1].0, "list line 2");
    let bad = ListArgs { delimiter: Some("comma".to_owned()), ..args(None) };
    assert!(read("a@example.com\n", &bad).unwrap_err().starts_with("--delimiter: must be"));
    assert_eq!(
        problems("a@example.com\nb@example.com;Bob\nc@example.com\tCarol\n", None),
        [
            "2: contains ';', but ',' separates the fields; use one separator in all rows, or name \
             it with --delimiter",
            "3: contains a tab, but ',' separates the fields; use one separator in all rows, or \
             name it with --delimiter"
        ]
    );
}

#[test]
fn open_quotation_mark_hides_no_rows() {
    let open = "has a quotation mark that is not closed properly; quote the whole field";
    for (source, wanted) in [
        ("a@example.com,\"Bob\nb@example,Carol\n", vec![format!("1: {open}")]),
        (
            "a@example.com,x,x\nb@example.com,x,\"Bob\n\nx\nc@example.com,\"Carol\"\n\"d@example.com",
            vec![format!("2: {open}"), "4: not an e-mail address".to_owned(), format!("6: {open}")],
        ),
        ("\"a@example.com\nb@example.com\n", vec![format!("1: {open}")]),
        ("a@example.com, \"A\"\n", vec!["1: has a space before a quotation mark".to_owned()]),
    ] {
        for source in [source, &format!("\u{feff}{source}"), &source.replace('\n', "\r\n")] {
            let found = problems(source, None);
            assert_eq!(found.len(), wanted.len(), "{source}: {found:?}");
            let pairs = found.iter().zip(&wanted);
            assert!(pairs.clone().all(|(it, start)| it.starts_with(start)), "{found:?}");
        }
    }
    let problem = read("who,\"name\na@example.com,\"Bob\"\n", &args(Some("who"))).unwrap_err();
    assert!(problem.starts_with("--column: the header has a quotation mark"), "{problem}");
    let fine = "a@example.com,5\" disk,\"a \"\"b\"\"\",\"\",x\nb@example.com,\"Bob,\nthe\"";
    assert_eq!(valid(fine, None).len(), 2);
}

#[test]
fn row_with_extra_fields_is_invalid() {
    assert_eq!(
        problems("name,mail\nEd,ed@example,com\nA,a@example.com,,\n", Some("mail")),
        ["2, column mail: the row has 3 fields, and the header has 2; quote each field that \
             contains ','"]
    );
    let found = problems("a@example.com\ned@example,com\n", None);
    assert!(found[0].starts_with("2: the row has 2 fields, and the first row has 1"), "{found:?}");
    for source in [
        "ed@example,com\n",
        "ED@EXAMPLE,COM\n",
        "ed@example,co.uk\n",
        "ed@mail,example-mail.com,Ed\n",
        "mail,tel\ned@example,com\n",
    ] {
        let column = source.starts_with("mail").then_some("mail");
        let found = problems(source, column);
        assert!(found[0].contains("the domain has no dot, and a word follows it"), "{found:?}");
    }
    assert_eq!(valid("root@localhost,Admin\n", None).len(), 1);
    assert_eq!(valid("root@localhost;admin\n", None).len(), 1);
}

#[test]
fn number_of_unclear_kind_is_invalid() {
    for source in
        ["100234,a@example.com\n", "2024-01-15,Alice,@a:node.example\n", "10023456,+18005552067\n"]
    {
        let found = problems(source, None);
        assert!(found[0].starts_with("1: begins with a number"), "{found:?}");
    }
    let short = "has fewer than 8 digits and no '+'; write phone numbers as +18005552067";
    assert_eq!(
        problems("100234,x\n", None),
        [format!("1: {short}, or name the invitees' column with --column")]
    );
    assert_eq!(problems("tel\n555 2067\n", Some("tel")), [format!("2, column tel: {short}")]);
    let found = problems("+18005552067\n1.8E+10\n18005552067.0\n", None);
    assert!(found[0].starts_with("2: has an exponent"), "{found:?}");
    assert!(found[1].starts_with("3: ends in decimals"), "{found:?}");
    let source = "tel;x\n18005552067,00;x\n1,8E+10;x\n+18005552067,Bob\n";
    let found = problems(source, Some("tel"));
    for (problem, wanted) in
        found.iter().zip(["ends in decimals", "has an exponent", "contains ','"])
    {
        assert!(problem.contains(wanted), "{found:?}");
    }
    assert_eq!(found.len(), 3);
    assert_eq!(valid("+18005552067,a@example.com\n18005552067,Bob\n+29012\n", None).len(), 3);
    assert_eq!(valid("tel,mail\n18005552067,a@b.example\n", Some("tel")).len(), 1);
}

#[test]
fn date_is_not_a_phone_number() {
    for date in ["20240115", "2024-01-15", "15.01.2024", "12/31/2024", "19991231"] {
        let found = problems(&format!("{date},Alice\n+18005552067,Bob\n"), None);
        assert!(found[0].starts_with("1: may be a date"), "{date}: {found:?}");
        assert_eq!(found.len(), 1);
        assert_eq!(valid(&format!("tel,name\n{date},Alice\n"), Some("tel")).len(), 1);
    }
    assert_eq!(valid("20241301,Alice\n+20240115,Bob\n21000101\n29012345\n", None).len(), 4);
}

#[test]
fn row_with_several_invitees_is_invalid() {
    for source in [
        "alice@example.com;bob@example.com\n",
        "alice@example.com,Alice,bob@example.com\n",
        "@alice:node.example,@bob:node.example\n",
        "+18005552067,+18005552068\n",
    ] {
        let found = problems(source, None);
        assert!(found[0].starts_with("1: the row has several invitees"), "{found:?}");
    }
    let found = problems("x@example.com;X\nalice@example.com;bob@example.com\n", None);
    assert!(found.len() == 1 && found[0].starts_with("2: the row has several"), "{found:?}");
    // One person may have several addresses: a column's name says which one is used.
    let source = "mail;other\nalice@example.com;bob@example.com\n";
    assert_eq!(valid(source, Some("mail")), ["alice@example.com"]);
    assert_eq!(valid("alice@example.com,+18005552067,@alice:node.example\n", None).len(), 1);
}

#[test]
fn number_with_decimals_is_not_split() {
    let problem = read("18005552067,00;Ann\n", &args(None)).unwrap_err();
    assert!(problem.contains("name the one that separates the fields"), "{problem}");
    let found = problems("+18005552067,Ann\n18005552068,00\n", None);
    assert!(found[0].starts_with("2: a comma and zeros follow the number"), "{found:?}");
    assert_eq!(valid("18005552067,0049\n", None).len(), 1);
}

#[test]
fn header_without_column_lists_its_columns() {
    let problem = read("name,who\nAlice,alice@example.com\n", &args(None)).unwrap_err();
    let wanted = "--column: not given; if the list begins with a header, name the column \
                  of the invitees (name, who)";
    assert_eq!(problem, wanted);
    // The field may be a token.
    let problem = read("syt_secret\n", &args(None)).unwrap_err();
    assert!(problem.ends_with("name the column of the invitees"), "{problem}");
}

#[test]
fn empty_or_endless_list_is_rejected() {
    for (source, column) in [("", None), ("\r\n\n", None), (",\n", None), ("mail\n", Some("mail"))]
    {
        let problem = read(source, &args(column)).unwrap_err();
        assert!(problem.contains("the list is empty"), "{problem}");
    }
    let endless = List::of(io::repeat(b'\n'), "list").unwrap_err();
    assert!(endless.contains("divide the list"), "{endless}");
}

#[test]
fn invalid_rows_are_copied_unchanged() {
    let source = "name;mail\r\nA;a@example.com\r\n\"B;\nb\";b@b@b\r\nC;\r\nD;\"d@example.com\r\n";
    let mut list = List::of(source.as_bytes(), "list").unwrap();
    list.read(&args(Some("mail")), &mut Problems::default());
    let invalid = list.take_invalid(Path::new("list.csv"));
    assert_eq!(list.given.len(), 1);
    assert_eq!(invalid.path(), Path::new("list.csv.invalid.csv"));
    assert_eq!(invalid.problems().len(), 3);
    assert_eq!(invalid.content, "name;mail\n\"B;\nb\";b@b@b\nC;\nD;\"d@example.com\n");
}
