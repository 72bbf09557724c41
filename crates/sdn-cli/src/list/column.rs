//! Finds the column of the invitees.

use csv::StringRecord;

use crate::output::printable;

/// Returns the position of a column. Its case matters only if several columns match.
pub(super) fn find(column: &str, header: &StringRecord) -> Result<usize, String> {
    let positions = |is_it: &dyn Fn(&str) -> bool| -> Vec<usize> {
        (0..header.len()).filter(|index| header.get(*index).is_some_and(is_it)).collect()
    };
    let exact = positions(&|field| field == column);
    let similar = positions(&|field| field.to_lowercase() == column.to_lowercase());
    match (&*exact, &*similar) {
        ([one], _) | ([], [one]) => Ok(*one),
        ([], []) => {
            Err(format!("the header has no column of that name; it has: {}", names(header)))
        }
        _ => {
            let several: Vec<_> = similar
                .iter()
                .map(|index| format!("{} (column {})", &header[*index], index + 1))
                .collect();
            let several = printable(&several.join(", "));
            Err(format!("the header has several columns of that name: {several}; rename them"))
        }
    }
}

/// Returns the names of all columns.
pub(super) fn names(header: &StringRecord) -> String {
    printable(&header.iter().collect::<Vec<_>>().join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn column_is_found_in_any_case() {
        let header = StringRecord::from(vec!["Name", "E-Mail", "STRAẞE"]);
        assert_eq!(find("E-Mail", &header), Ok(1));
        assert_eq!(find("e-mail", &header), Ok(1));
        assert_eq!(find("straße", &header), Ok(2));
        let problem = find("mail", &header).unwrap_err();
        assert_eq!(problem, "the header has no column of that name; it has: Name, E-Mail, STRAẞE");
    }

    #[test]
    fn several_columns_are_listed() {
        let header = StringRecord::from(vec!["mail", "Mail", "MAIL", "tel", "tel"]);
        assert_eq!(find("Mail", &header), Ok(1));
        let wanted = "the header has several columns of that name: mail (column 1), \
                      Mail (column 2), MAIL (column 3); rename them";
        assert_eq!(find("maiL", &header), Err(wanted.to_owned()));
        let problem = find("tel", &header).unwrap_err();
        assert!(problem.contains("tel (column 4), tel (column 5)"), "{problem}");
    }
}
