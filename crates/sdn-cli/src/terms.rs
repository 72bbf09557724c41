//! Asks whether the identity server's terms of service are accepted.

use std::io::{self, BufRead, IsTerminal};

use sdn_proto::identity::Terms;

use crate::output::{printable, report};

/// What decides about terms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Decider {
    /// `--accept-terms`.
    Option,
    /// The person at the terminal.
    Person,
    /// There is no terminal, so the terms are declined.
    Nobody,
}

impl Decider {
    pub(crate) fn new(accepts_terms: bool) -> Self {
        if accepts_terms {
            Self::Option
        } else if io::stdin().is_terminal() && io::stderr().is_terminal() {
            Self::Person
        } else {
            Self::Nobody
        }
    }

    /// Prints the policies, and returns all their URLs if they are accepted.
    pub(crate) fn decide(self, terms: &Terms) -> Option<Vec<String>> {
        // A flow never offers unreadable terms.
        let urls = terms.urls(LANGUAGE).ok()?;
        report("sdn: the identity server asks you to accept its terms of service:");
        for text in terms.policies.values().filter_map(|policy| policy.in_language(LANGUAGE)) {
            report(format_args!("  {}: {}", printable(&text.name), printable(&text.url)));
        }
        let is_accepted = match self {
            Self::Option => {
                report("sdn: accepted because of --accept-terms");
                true
            }
            Self::Person => {
                report("Do you accept all of them? Type yes or no:");
                is_yes(io::stdin().lock())
            }
            Self::Nobody => {
                report(
                    "sdn: terms not accepted: there is no terminal to ask on. Read them, then run the command again with --accept-terms",
                );
                false
            }
        };
        is_accepted.then_some(urls)
    }
}

const LANGUAGE: &str = "en";

/// Reads a line of limited length. Anything but a clear yes means no.
fn is_yes(input: impl BufRead) -> bool {
    let mut line = String::new();
    let is_read = input.take(100).read_line(&mut line).is_ok();
    is_read && ["y", "yes"].contains(&line.trim().to_lowercase().as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_clear_yes_accepts() {
        for yes in ["yes\n", "y\r\n", " YES \n", "Yes"] {
            assert!(is_yes(yes.as_bytes()), "{yes:?}");
        }
        for no in ["", "\n", "no\n", "n\n", "yes, but\n", "\nyes\n", "\u{ff}"] {
            assert!(!is_yes(no.as_bytes()), "{no:?}");
        }
        assert!(!is_yes(&b"\xffyes\n"[..]));
        assert!(!is_yes("y".repeat(1000).as_bytes()));
    }
}
