//! Invisible characters, which are copied along with an address.

/// The ranges of Unicode's Default_Ignorable_Code_Point, with their names. They include the
/// bidirectional controls.
///
/// These are the ranges of Unicode 17.0; since Unicode 8.0 they have not changed.
#[rustfmt::skip]
const INVISIBLE: &[(char, char, &str)] = &[
    ('\u{ad}', '\u{ad}', "soft hyphen (U+00AD)"),
    ('\u{34f}', '\u{34f}', "combining grapheme joiner (U+034F)"),
    ('\u{61c}', '\u{61c}', "Arabic letter mark (U+061C)"),
    ('\u{115f}', '\u{1160}', "Hangul filler (U+115F, U+1160)"),
    ('\u{17b4}', '\u{17b5}', "Khmer inherent vowel (U+17B4, U+17B5)"),
    ('\u{180b}', '\u{180f}', "Mongolian format character (U+180B to U+180F)"),
    ('\u{200b}', '\u{200b}', "zero width space (U+200B)"),
    ('\u{200c}', '\u{200c}', "zero width non-joiner (U+200C)"),
    ('\u{200d}', '\u{200d}', "zero width joiner (U+200D)"),
    ('\u{200e}', '\u{200e}', "left-to-right mark (U+200E)"),
    ('\u{200f}', '\u{200f}', "right-to-left mark (U+200F)"),
    ('\u{202a}', '\u{202e}', "text direction control (U+202A to U+202E)"),
    ('\u{2060}', '\u{2060}', "word joiner (U+2060)"),
    ('\u{2061}', '\u{2065}', "invisible operator (U+2061 to U+2065)"),
    ('\u{2066}', '\u{2069}', "text direction control (U+2066 to U+2069)"),
    ('\u{206a}', '\u{206f}', "deprecated format character (U+206A to U+206F)"),
    ('\u{3164}', '\u{3164}', "Hangul filler (U+3164)"),
    ('\u{fe00}', '\u{fe0f}', "variation selector (U+FE00 to U+FE0F)"),
    ('\u{feff}', '\u{feff}', "byte order mark (U+FEFF)"),
    ('\u{ffa0}', '\u{ffa0}', "Hangul filler (U+FFA0)"),
    ('\u{fff0}', '\u{fff8}', "reserved character (U+FFF0 to U+FFF8)"),
    ('\u{1bca0}', '\u{1bca3}', "shorthand format control (U+1BCA0 to U+1BCA3)"),
    ('\u{1d173}', '\u{1d17a}', "musical format control (U+1D173 to U+1D17A)"),
    ('\u{e0000}', '\u{e0fff}', "tag or variation selector (U+E0000 to U+E0FFF)"),
];

/// Returns the name of a character if it is invisible.
pub(super) fn name(c: char) -> Option<&'static str> {
    let range = INVISIBLE.iter().find(|(first, last, _)| (*first..=*last).contains(&c));
    range.map(|(.., name)| *name)
}
