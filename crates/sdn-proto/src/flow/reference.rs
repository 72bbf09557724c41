//! Resolves relative references: RFC 3986, section 5.2.

use http::Uri;

/// A URL that a reference leads to, without its fragment. Nothing in it is checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Resolved<'a> {
    pub(super) scheme: &'a str,
    /// Only a URL such as `mailto:a@b` does not have one.
    pub(super) authority: Option<&'a str>,
    pub(super) path: String,
    pub(super) query: Option<&'a str>,
}

/// Resolves a reference at `base`, an absolute `http` or `https` URL.
pub(super) fn resolve<'a>(base: &'a Uri, reference: &'a str) -> Resolved<'a> {
    let (reference, query) = split(reference.split('#').next().unwrap_or_default(), '?');
    let (scheme, rest) = match reference.split_once(':') {
        Some((scheme, rest)) if is_scheme(scheme) => (Some(scheme), rest),
        _ => (None, reference),
    };
    let (authority, path) = match rest.strip_prefix("//") {
        Some(rest) => {
            let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
            (Some(authority), path)
        }
        None => (None, rest),
    };
    let is_relative = scheme.is_none() && authority.is_none();
    let (path, query) = match path {
        "" if is_relative => (base.path().to_owned(), query.or(base.query())),
        path if is_relative && !path.starts_with('/') => {
            let folder = base.path().rsplit_once('/').map_or("", |(folder, _)| folder);
            (without_dots(&format!("{folder}/{path}")), query)
        }
        path => (without_dots(path), query),
    };
    Resolved {
        scheme: scheme.or(base.scheme_str()).unwrap_or_default(),
        authority: if is_relative { base.authority().map(|it| it.as_str()) } else { authority },
        path,
        query,
    }
}

fn split(text: &str, at: char) -> (&str, Option<&str>) {
    text.split_once(at).map_or((text, None), |(before, after)| (before, Some(after)))
}

fn is_scheme(text: &str) -> bool {
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte);
    text.starts_with(|first: char| first.is_ascii_alphabetic()) && text.bytes().all(is_allowed)
}

/// Removes the segments `.` and `..` from a path that begins with `/`.
fn without_dots(path: &str) -> String {
    let Some(path) = path.strip_prefix('/') else { return path.to_owned() };
    let mut kept = Vec::new();
    let mut segments = path.split('/').peekable();
    while let Some(segment) = segments.next() {
        match segment {
            "." => {}
            ".." => {
                kept.pop();
            }
            _ => {
                kept.push(segment);
                continue;
            }
        }
        // The rest is a folder.
        if segments.peek().is_none() {
            kept.push("");
        }
    }
    format!("/{}", kept.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Combines the parts as in section 5.3.
    fn resolved(reference: &str) -> String {
        let base = Uri::from_static("http://a/b/c/d;p?q");
        let Resolved { scheme, authority, path, query } = resolve(&base, reference);
        let authority = authority.map(|it| format!("//{it}")).unwrap_or_default();
        let query = query.map(|it| format!("?{it}")).unwrap_or_default();
        format!("{scheme}:{authority}{path}{query}")
    }

    /// The table of section 5.4, without the fragments.
    #[test]
    fn references_resolve_as_in_the_rfc() {
        for (reference, expected) in [
            ("g:h", "g:h"),
            ("g", "http://a/b/c/g"),
            ("./g", "http://a/b/c/g"),
            ("g/", "http://a/b/c/g/"),
            ("/g", "http://a/g"),
            ("//g", "http://g"),
            ("?y", "http://a/b/c/d;p?y"),
            ("g?y", "http://a/b/c/g?y"),
            ("#s", "http://a/b/c/d;p?q"),
            ("g#s", "http://a/b/c/g"),
            ("g?y#s", "http://a/b/c/g?y"),
            (";x", "http://a/b/c/;x"),
            ("g;x", "http://a/b/c/g;x"),
            ("g;x?y#s", "http://a/b/c/g;x?y"),
            ("", "http://a/b/c/d;p?q"),
            (".", "http://a/b/c/"),
            ("./", "http://a/b/c/"),
            ("..", "http://a/b/"),
            ("../", "http://a/b/"),
            ("../g", "http://a/b/g"),
            ("../..", "http://a/"),
            ("../../", "http://a/"),
            ("../../g", "http://a/g"),
            ("../../../g", "http://a/g"),
            ("../../../../g", "http://a/g"),
            ("/./g", "http://a/g"),
            ("/../g", "http://a/g"),
            ("g.", "http://a/b/c/g."),
            (".g", "http://a/b/c/.g"),
            ("g..", "http://a/b/c/g.."),
            ("..g", "http://a/b/c/..g"),
            ("./../g", "http://a/b/g"),
            ("./g/.", "http://a/b/c/g/"),
            ("g/./h", "http://a/b/c/g/h"),
            ("g/../h", "http://a/b/c/h"),
            ("g;x=1/./y", "http://a/b/c/g;x=1/y"),
            ("g;x=1/../y", "http://a/b/c/y"),
            ("g?y/./x", "http://a/b/c/g?y/./x"),
            ("g?y/../x", "http://a/b/c/g?y/../x"),
            ("g#s/./x", "http://a/b/c/g"),
            ("g#s/../x", "http://a/b/c/g"),
            // For strict parsers.
            ("http:g", "http:g"),
        ] {
            assert_eq!(resolved(reference), expected, "{reference}");
        }
    }

    #[test]
    fn odd_references_keep_their_parts() {
        for (reference, expected) in [
            ("https://g:8448", "https://g:8448"),
            ("HTTPS://u@g/a/../b?c:d#e", "HTTPS://u@g/b?c:d"),
            ("//g/..", "http://g/"),
            ("g/a:b", "http://a/b/c/g/a:b"),
            ("1a:b", "http://a/b/c/1a:b"),
            (":b", "http://a/b/c/:b"),
            ("/a//../b", "http://a/a/b"),
            ("/a//b", "http://a/a//b"),
            ("///g", "http:///g"),
            ("?", "http://a/b/c/d;p?"),
            ("mailto:a@b?c", "mailto:a@b?c"),
        ] {
            assert_eq!(resolved(reference), expected, "{reference}");
        }
        let root = Uri::from_static("http://a");
        assert_eq!(resolve(&root, "g").path, "/g");
        assert_eq!(resolve(&root, "").path, "/");
    }
}
