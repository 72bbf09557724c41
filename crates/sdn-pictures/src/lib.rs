//! Draws the pictures of the documentation as SVG.
//!
//! A picture is drawn from what it shows: a table of figures, a diagram in a comment, a recorded
//! exchange, the cells of a terminal. Each picture has a title and a description for screen readers,
//! follows the reader's light or dark theme, and can be read without colours.

pub mod diagram;
pub mod plot;
pub mod sequence;
mod svg;
pub mod table;
pub mod terminal;
pub mod tiers;

pub use svg::Picture;
