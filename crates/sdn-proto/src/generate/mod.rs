//! Generators of values and calls, for fuzzing.
//!
//! Every value and every call implements [`Arbitrary`](arbitrary::Arbitrary), with realistic
//! values: identifiers of SDN and of Matrix, wallets and their signatures, tokens of several
//! servers, e-mail addresses and phone numbers. [`Hostile`] draws the same types at the edge of
//! every rule, with characters that an encoder may handle wrongly. [`HostileText`] is text that a
//! constructor may or may not accept.
//!
//! All values come from the public constructors, so they are valid, and a failure is a fault of
//! your code. Host names and addresses are mostly reserved ones, but a `Hostile` name can belong to
//! anybody. Send to your own server only, never to the Internet.
//!
//! # Fuzzing your own HTTP stack
//!
//! The stack in this example writes HTTP/1.1 in three lines. Pass the check to `fuzz_target!`.
//!
//! ```
//! use arbitrary::Unstructured;
//! use sdn_proto::generate::Hostile;
//! use sdn_proto::{Call, InviteBy3pid, Session, bytes::Bytes, http::Request};
//!
//! /// The stack under test: returns the bytes that it would write to the connection.
//! fn write(request: &Request<Bytes>) -> Vec<u8> {
//!     let mut wire = format!("{} {} HTTP/1.1\r\n", request.method(), request.uri().path()).into_bytes();
//!     for (name, value) in request.headers() {
//!         wire.extend_from_slice(&[name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"].concat());
//!     }
//!     wire.extend_from_slice(&[b"\r\n", &request.body()[..]].concat());
//!     wire
//! }
//!
//! /// With any values, the head has three lines and the body is the invitation.
//! fn check(data: &[u8]) -> arbitrary::Result<()> {
//!     let mut input = Unstructured::new(data);
//!     let Hostile(session) = input.arbitrary::<Hostile<Session>>()?;
//!     let Hostile(invite) = input.arbitrary::<Hostile<InviteBy3pid>>()?;
//!
//!     let wire = String::from_utf8(write(&invite.to_request(&session))).unwrap();
//!     let (head, body) = wire.split_once("\r\n\r\n").unwrap();
//!     assert_eq!(head.split("\r\n").count(), 3);
//!     assert_eq!(head.lines().next().unwrap().split(' ').count(), 3);
//!
//!     let body: serde_json::Value = serde_json::from_str(body).unwrap();
//!     assert_eq!(body["address"], invite.third_party_id().address());
//!     Ok(())
//! }
//!
//! // fuzz_target!(|data: &[u8]| { let _ = check(data); });
//! let mut seed = 1_u32;
//! let mut noise = || {
//!     seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
//!     (seed >> 24) as u8
//! };
//! for _ in 0..200 {
//!     let data: Vec<u8> = (0..300).map(|_| noise()).collect();
//!     check(&data)?;
//! }
//! # Ok::<(), arbitrary::Error>(())
//! ```
#![cfg_attr(
    feature = "proptest",
    doc = r#"
With `proptest`, [`strategy`] makes any of them:

```
use proptest::prelude::*;
use sdn_proto::generate::{Hostile, strategy};
use sdn_proto::{Call, InviteUser, Session};

proptest!(|(session in strategy::<Session>(), invite in strategy::<Hostile<InviteUser>>())| {
    let request = invite.0.to_request(&session);
    prop_assert_eq!(request.method(), "POST");
});
```
"#
)]

mod dialect;
mod draw;
mod hostile;
mod hostile_text;
mod part;
mod plausible;
mod server_values;
mod text;
mod wallet;

pub use hostile_text::HostileText;

pub use crate::parts::Hostile;
#[doc(hidden)]
pub use crate::parts::{Compose, Parts, Refusal};

use draw::{pick, rarely, valid, word};

/// Returns a `proptest` strategy for any of the generated types.
///
/// It draws up to 512 bytes and reads the value from them. Shrinking a failing case shrinks these
/// bytes. Fewer bytes lead to shorter values, and lower bytes choose the first alternatives, which
/// are the plainest.
#[cfg(feature = "proptest")]
pub fn strategy<T>() -> impl proptest::strategy::Strategy<Value = T>
where
    T: for<'a> arbitrary::Arbitrary<'a> + std::fmt::Debug,
{
    use proptest::strategy::Strategy as _;

    proptest::collection::vec(proptest::num::u8::ANY, 0..=512)
        .prop_filter_map("bytes without a value", |bytes| {
            T::arbitrary(&mut arbitrary::Unstructured::new(&bytes)).ok()
        })
}
