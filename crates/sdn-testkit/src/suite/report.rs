//! The results of the scenarios.

use std::fmt::Write as _;

use super::bench::{Exchange, Outcome, Scenario};

/// The result of each scenario.
#[derive(Clone, Debug)]
pub struct Report(Vec<Row>);

#[derive(Clone, Debug)]
struct Row {
    scenario: &'static str,
    outcome: Option<Outcome>,
    problem: Option<String>,
}

impl Report {
    pub(super) fn new<'a>(
        runs: impl Iterator<Item = (&'a Scenario, Result<Exchange, String>)>,
    ) -> Self {
        Report(runs.map(|(scenario, run)| Row::new(scenario, run)).collect())
    }

    /// Returns a line for each scenario that did not end as expected.
    pub fn problems(&self) -> Vec<String> {
        let problems = self.0.iter().filter_map(|row| Some((row.scenario, row.problem.as_ref()?)));
        problems.map(|(scenario, problem)| format!("{scenario:?}: {problem}")).collect()
    }

    /// Panics with all problems, if there are any.
    ///
    /// # Panics
    /// If a scenario did not end as expected.
    #[track_caller]
    pub fn assert_passed(&self) {
        let problems = self.problems();
        let noun = if problems.len() == 1 { "problem" } else { "problems" };
        assert!(problems.is_empty(), "{} {noun}:\n{}", problems.len(), problems.join("\n"));
    }

    /// Panics with all problems except those of the named scenarios, which a stack does not support.
    ///
    /// # Panics
    /// If another scenario did not end as expected, or if one of these did.
    #[track_caller]
    pub fn assert_passed_except(&self, left_out: &[&str]) {
        let rows = self.0.iter().cloned();
        let (expected, others): (Vec<_>, Vec<_>) =
            rows.partition(|row| left_out.contains(&row.scenario));
        Report(others).assert_passed();
        let fails =
            |name: &str| expected.iter().any(|row| row.scenario == name && row.problem.is_some());
        let wrong: Vec<_> = left_out.iter().filter(|name| !fails(name)).collect();
        assert!(wrong.is_empty(), "these did not fail, or are not scenarios: {wrong:?}");
    }
}

impl Row {
    fn new(scenario: &Scenario, run: Result<Exchange, String>) -> Self {
        let (outcome, problem) = match run {
            Err(problem) => (None, Some(problem)),
            Ok(Exchange { outcome, .. }) if scenario.expected.contains(&outcome) => {
                (Some(outcome), None)
            }
            Ok(Exchange { outcome, text, .. }) => {
                let text: String = match text.as_str() {
                    "" => "an empty body".to_owned(),
                    text => text.escape_debug().take(200).collect(),
                };
                let expected: Vec<_> = scenario.expected.iter().map(Outcome::to_string).collect();
                let expected = expected.join(" or ");
                (Some(outcome), Some(format!("{outcome} instead of {expected} ({text})")))
            }
        };
        Row { scenario: scenario.name, outcome, problem }
    }
}

/// Returns the outcomes of several transports as a Markdown table.
pub fn table(reports: &[(&str, &Report)]) -> String {
    let mut names: Vec<&str> = Vec::new();
    for row in reports.iter().flat_map(|(_, report)| &report.0) {
        if !names.contains(&row.scenario) {
            names.push(row.scenario);
        }
    }
    let mut text = String::from("| what the server does |");
    for (transport, _) in reports {
        let _ = write!(text, " {transport} |");
    }
    text.push_str("\n|---|");
    text.push_str(&"---|".repeat(reports.len()));
    for name in names {
        let _ = write!(text, "\n| {name} |");
        for (_, report) in reports {
            let row = report.0.iter().find(|row| row.scenario == name);
            let cell = match row {
                None => "–".to_owned(),
                Some(Row { problem: Some(_), .. }) => "**fails**".to_owned(),
                Some(row) => row.outcome.map(|outcome| outcome.to_string()).unwrap_or_default(),
            };
            let _ = write!(text, " {cell} |");
        }
    }
    text.push('\n');
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report() -> Report {
        let row = |scenario, problem: Option<&str>| Row {
            scenario,
            outcome: None,
            problem: problem.map(str::to_owned),
        };
        Report(vec![row("TLS: a", Some("broken")), row("b", None), row("c", Some("broken"))])
    }

    #[test]
    fn left_out_scenarios_fail() {
        assert_eq!(report().problems(), ["\"TLS: a\": broken", "\"c\": broken"]);
        report().assert_passed_except(&["TLS: a", "c"]);
    }

    #[test]
    #[should_panic(expected = "1 problem:\n\"c\": broken")]
    fn other_scenarios_have_to_pass() {
        report().assert_passed_except(&["TLS: a"]);
    }

    #[test]
    #[should_panic(expected = "2 problems:\n\"TLS: a\": broken\n\"c\": broken")]
    fn several_problems_are_counted() {
        report().assert_passed();
    }

    #[test]
    #[should_panic(expected = "are not scenarios: [\"b\", \"d\"]")]
    fn scenario_left_out_needlessly_is_reported() {
        report().assert_passed_except(&["TLS: a", "b", "c", "d"]);
    }
}
