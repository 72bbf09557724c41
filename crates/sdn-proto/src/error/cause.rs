use std::error::Error;
use std::fmt;
use std::sync::Arc;

use http::Request;

use crate::echo::Secrets;

/// Replaces the secrets of a request in an error of another library.
///
/// A server can repeat the request in an error's text, for example in the debug data that ends an
/// HTTP/2 connection. An error is returned unchanged if no `Display` or `Debug`, its own or a
/// source's, repeats a secret. Any other becomes a chain of the same texts without the secrets.
/// That chain cannot be downcast.
pub(super) fn without_secrets_of<B: AsRef<[u8]>>(
    cause: Arc<dyn Error + Send + Sync>,
    request: &Request<B>,
) -> Arc<dyn Error + Send + Sync> {
    let mut are_repeated = false;
    let clean = Clean::of(&*cause, &Secrets::of(request), &mut are_repeated);
    if are_repeated { Arc::new(clean) } else { cause }
}

/// The texts of an error and of its sources.
struct Clean {
    display: String,
    debug: String,
    source: Option<Box<Self>>,
}

impl Clean {
    /// Sets `are_repeated` if one of the texts contains a secret.
    fn of(error: &dyn Error, secrets: &Secrets, are_repeated: &mut bool) -> Self {
        let mut clean = |text: String| {
            let clean = secrets.removed_from_text(&text, false);
            *are_repeated |= clean.is_some();
            clean.unwrap_or(text)
        };
        Self {
            display: clean(error.to_string()),
            debug: clean(format!("{error:?}")),
            source: error.source().map(|source| Box::new(Self::of(source, secrets, are_repeated))),
        }
    }
}

impl fmt::Display for Clean {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.display)
    }
}

impl fmt::Debug for Clean {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.debug)
    }
}

impl Error for Clean {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&**self.source.as_ref()?)
    }
}
