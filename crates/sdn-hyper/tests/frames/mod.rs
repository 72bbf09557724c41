//! Handwritten HTTP/2, for servers that behave as no library does.

use sdn_testkit::script::Connection;

const PREFACE: usize = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".len();
pub(crate) const DATA: u8 = 0;
pub(crate) const HEADERS: u8 = 1;
pub(crate) const SETTINGS: u8 = 4;
pub(crate) const WINDOW_UPDATE: u8 = 8;
pub(crate) const END_STREAM: u8 = 1;
pub(crate) const END_HEADERS: u8 = 4;
pub(crate) const MAX_CONCURRENT_STREAMS: u8 = 3;
pub(crate) const INITIAL_WINDOW_SIZE: u8 = 4;

/// Shakes hands with one setting.
pub(crate) fn open(connection: &mut Connection, setting: u8, value: u32) {
    connection.read_exactly(PREFACE);
    set(connection, setting, value);
}

pub(crate) fn set(connection: &mut Connection, setting: u8, value: u32) {
    let value = value.to_be_bytes();
    let _ = connection.write(frame(SETTINGS, 0, 0, &[&[0, setting], &value[..]].concat()));
}

pub(crate) fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    let head = [&length[1..], &[kind, flags], &stream.to_be_bytes()].concat();
    [&head, payload].concat()
}

/// A 200 with `{}`.
pub(crate) fn response(stream: u32) -> Vec<u8> {
    // The eighth of HPACK's fixed headers is `:status: 200`.
    let head = frame(HEADERS, END_HEADERS, stream, &[0x88]);
    [head, frame(DATA, END_STREAM, stream, b"{}")].concat()
}

/// Reads the next frame, and returns its kind and its stream.
pub(crate) fn next(connection: &mut Connection) -> Option<(u8, u32)> {
    let head = connection.read_exactly(9)?;
    let length = u32::from_be_bytes([0, head[0], head[1], head[2]]) as usize;
    connection.read_exactly(length)?;
    Some((head[3], u32::from_be_bytes([head[5], head[6], head[7], head[8]])))
}
