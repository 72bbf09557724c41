//! Sequence diagrams: messages between participants, from top to bottom.

use crate::svg::{CHARACTER, LINE, Picture};

/// One line of a sequence. Participants are numbered from the left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// A message between two participants. A response is dashed.
    Message {
        /// The participant that sends it.
        from: usize,
        /// The participant that receives it.
        to: usize,
        /// The text above the arrow.
        text: String,
        /// Whether it responds to an earlier message.
        is_response: bool,
    },
    /// Something that a participant does or keeps.
    Note {
        /// The participant.
        at: usize,
        /// The text of the note.
        text: String,
    },
}

/// Draws a sequence of steps between participants.
pub fn draw(title: &str, participants: &[&str], steps: &[Step]) -> String {
    let said: Vec<_> = steps.iter().map(|step| describe(step, participants)).collect();
    let mut picture = Picture::new(title, &format!("Sequence diagram. {}.", said.join("; ")));
    picture.text(0.0, 12.0, "bold", title);
    let lanes = lanes(participants, steps);
    let top = 1.5 * LINE;
    let bottom = top + 2.0 * LINE + steps.iter().map(height).sum::<f32>();
    for (x, name) in lanes.iter().zip(participants) {
        let width = name.chars().count() as f32 * CHARACTER + 16.0;
        picture.rectangle(x - width / 2.0, top, width, 1.3 * LINE, "box");
        picture.text(*x, top + 17.0, "middle bold", name);
        picture.line(&[(*x, top + 1.3 * LINE), (*x, bottom)], "thin dashed");
    }
    let mut y = top + 1.5 * LINE;
    for step in steps {
        y += height(step);
        match step {
            Step::Message { from, to, text, is_response } => {
                let (start, end) = (lanes[*from], lanes[*to]);
                let class = if *is_response { "line dashed" } else { "line" };
                picture.line(&[(start, y), (end, y)], class);
                picture.arrow_head((end, y), (start, y));
                let class = if *is_response { "middle soft" } else { "middle" };
                over_lanes(&mut picture, &lanes, (start + end) / 2.0, y - 6.0, class, text);
            }
            Step::Note { at, text } => {
                over_lanes(&mut picture, &lanes, lanes[*at], y - 4.0, "middle italic", text);
            }
        }
    }
    picture.finish()
}

/// Writes text centred at `x`, and hides the lanes behind it.
fn over_lanes(picture: &mut Picture, lanes: &[f32], x: f32, y: f32, class: &str, text: &str) {
    let width = text.chars().count() as f32 * CHARACTER;
    if lanes.iter().any(|lane| (lane - x).abs() < width / 2.0) {
        picture.rectangle(x - width / 2.0, y - 13.0, width, 18.0, "cover");
    }
    picture.text(x, y, class, text);
}

fn height(step: &Step) -> f32 {
    match step {
        Step::Message { .. } => 1.5 * LINE,
        Step::Note { .. } => 1.2 * LINE,
    }
}

/// Returns where the lanes are: so far apart that each text fits between its participants.
fn lanes(participants: &[&str], steps: &[Step]) -> Vec<f32> {
    let wide = |text: &str| text.chars().count() as f32 * CHARACTER;
    let mut lanes: Vec<f32> = vec![wide(participants[0]) / 2.0 + 8.0];
    for place in 1..participants.len() {
        let names = (wide(participants[place - 1]) + wide(participants[place])) / 2.0;
        let mut x = lanes[place - 1] + names + 32.0;
        for step in steps {
            match step {
                Step::Message { from, to, text, .. } if *from.max(to) == place => {
                    x = x.max(lanes[*from.min(to)] + wide(text) + 24.0);
                }
                Step::Note { at, text } if *at == place => {
                    x = x.max(lanes[place - 1] + wide(text) / 2.0 + 8.0);
                }
                _ => {}
            }
        }
        lanes.push(x);
    }
    lanes
}

fn describe(step: &Step, participants: &[&str]) -> String {
    match step {
        Step::Message { from, to, text, .. } => {
            format!("{} to {}: {text}", participants[*from], participants[*to])
        }
        Step::Note { at, text } => format!("{}: {text}", participants[*at]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lanes_leave_room_for_their_texts() {
        let text = "POST /a/path/that/is/long".to_owned();
        let message = Step::Message { from: 0, to: 1, text: text.clone(), is_response: false };
        let steps = [message, Step::Note { at: 1, text: "kept".to_owned() }];
        let lanes = lanes(&["flow", "node"], &steps);
        assert!(lanes[1] - lanes[0] > text.len() as f32 * CHARACTER, "{lanes:?}");
        let svg = draw("t", &["flow", "node"], &steps);
        assert!(svg.contains("Sequence diagram. flow to node: POST /a/path"), "{svg}");
        assert!(svg.contains("; node: kept.</desc>"), "{svg}");
    }
}
