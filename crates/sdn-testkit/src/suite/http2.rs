//! A minimal HTTP/2 server that responds to one request, or refuses it.

use std::ops::Range;

use crate::script::Connection;

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

const DATA: u8 = 0;
const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const PING: u8 = 6;
const GOAWAY: u8 = 7;
const END_STREAM: u8 = 1;
const ACK: u8 = 1;
const END_HEADERS: u8 = 4;

pub(super) const NO_ERROR: u32 = 0;
pub(super) const INTERNAL_ERROR: u32 = 2;
pub(super) const REFUSED_STREAM: u32 = 7;
/// The error codes of HTTP/2, and an unknown one.
pub(super) const CODES: Range<u32> = 0..15;
/// The last stream in a first GOAWAY, which announces another one with the real last stream.
pub(super) const ALL_STREAMS: u32 = u32::MAX >> 1;

/// The parts of a frame that are used here.
struct Frame {
    kind: u8,
    flags: u8,
    stream: u32,
    payload: Vec<u8>,
}

/// Performs the handshake. Returns whether it succeeded.
pub(super) fn open(connection: &mut Connection) -> bool {
    connection.read_exactly(PREFACE.len()).is_some_and(|preface| preface == PREFACE)
        && connection.write(frame(SETTINGS, 0, 0, &[])).is_ok()
}

/// Reads until a request is complete. Returns its stream.
pub(super) fn request(connection: &mut Connection) -> Option<u32> {
    read_until(connection, |frame| {
        matches!(frame.kind, HEADERS | DATA) && frame.flags & END_STREAM != 0
    })
}

/// Reads until the head of a request is complete. Returns its stream.
pub(super) fn request_head(connection: &mut Connection) -> Option<u32> {
    read_until(connection, |frame| frame.kind == HEADERS && frame.flags & END_HEADERS != 0)
}

fn read_until(connection: &mut Connection, is_wanted: fn(&Frame) -> bool) -> Option<u32> {
    loop {
        let frame = read(connection)?;
        if matches!(frame.kind, SETTINGS | PING) && frame.flags & ACK == 0 {
            let payload = if frame.kind == PING { &frame.payload[..] } else { &[] };
            connection.write(self::frame(frame.kind, ACK, 0, payload)).ok()?;
        } else if is_wanted(&frame) {
            return Some(frame.stream);
        }
    }
}

/// Records the request as handled.
pub(super) fn act(connection: &mut Connection) {
    connection.count_request();
}

/// Writes a 200 with `{}`.
pub(super) fn answer(stream: u32) -> Vec<u8> {
    [head(stream), body(stream)].concat()
}

/// Writes the head of that response.
pub(super) fn head(stream: u32) -> Vec<u8> {
    // Header 8 of HPACK's static table is `:status: 200`. Header 28 is `content-length`, here with a
    // value of one byte.
    frame(HEADERS, END_HEADERS, stream, &[0x88, 0x0f, 28 - 0x0f, 1, b'2'])
}

/// Writes its body.
pub(super) fn body(stream: u32) -> Vec<u8> {
    frame(DATA, END_STREAM, stream, b"{}")
}

pub(super) fn reset(stream: u32, code: u32) -> Vec<u8> {
    frame(RST_STREAM, 0, stream, &code.to_be_bytes())
}

/// Sends a GOAWAY: no stream after `last` was or will be handled.
pub(super) fn go_away(last: u32, code: u32) -> Vec<u8> {
    go_away_saying(last, code, b"")
}

/// Sends a GOAWAY with debug data, which a client may print.
pub(super) fn go_away_saying(last: u32, code: u32, words: &[u8]) -> Vec<u8> {
    frame(GOAWAY, 0, 0, &[&last.to_be_bytes(), &code.to_be_bytes(), words].concat())
}

fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap_or_default().to_be_bytes();
    let head = [&length[1..], &[kind, flags], &stream.to_be_bytes()].concat();
    [&head, payload].concat()
}

fn read(connection: &mut Connection) -> Option<Frame> {
    let head = connection.read_exactly(9)?;
    let length = usize::from(head[0]) << 16 | usize::from(head[1]) << 8 | usize::from(head[2]);
    let stream = u32::from_be_bytes([head[5] & 0x7f, head[6], head[7], head[8]]);
    let payload = connection.read_exactly(length)?;
    Some(Frame { kind: head[3], flags: head[4], stream, payload })
}
