//! Tables in Markdown.

/// The cells of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    header: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// Returns the tables of a page, in their order.
    pub fn all(page: &str) -> Vec<Self> {
        let lines: Vec<_> = page.lines().collect();
        let tables = lines.split(|line| !line.starts_with('|')).filter(|lines| lines.len() > 2);
        tables.map(Self::parse).collect()
    }

    fn parse(lines: &[&str]) -> Self {
        let cells = |line: &&str| {
            let inner = line.trim().trim_matches('|');
            inner.split('|').map(|cell| cell.trim().to_owned()).collect()
        };
        // The second line is the rule below the header.
        Self { header: cells(&lines[0]), rows: lines[2..].iter().map(cells).collect() }
    }

    /// Returns the first word of the header, which names the table.
    pub fn name(&self) -> &str {
        &self.header[0]
    }

    pub(crate) fn column(&self, name: &str) -> Option<usize> {
        self.header.iter().position(|cell| cell == name)
    }

    pub(crate) fn rows(&self) -> &[Vec<String>] {
        &self.rows
    }
}

/// Replaces the table of the same name in a page. Returns `None` if the page has none.
pub fn replace(page: &str, table: &str) -> Option<String> {
    let header = table.lines().next()?.split('|').nth(1)?;
    let start = page.find(&format!("\n|{header}|"))? + 1;
    let end = page[start..].find("\n\n").map_or(page.len(), |end| start + end);
    Some(format!("{}{}{}", &page[..start], table.trim_end(), &page[end..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "a\n\n| x | y |\n|---|---|\n| 1 | 2 |\n\n| z |\n|---|\n| 3 |\n\nend\n";

    #[test]
    fn tables_of_a_page_are_found() {
        let tables = Table::all(PAGE);
        let names: Vec<_> = tables.iter().map(Table::name).collect();
        assert_eq!(names, ["x", "z"]);
        assert_eq!(tables[0].rows(), [["1", "2"]]);
        assert_eq!(tables[0].column("y"), Some(1));
    }

    #[test]
    fn table_replaces_that_of_its_name() {
        let page = replace(PAGE, "| z |\n|---|\n| 4 |\n").unwrap();
        assert_eq!(page, PAGE.replace("| 3 |", "| 4 |"));
        assert_eq!(replace(PAGE, "| w |\n|---|\n| 4 |\n"), None);
    }
}
