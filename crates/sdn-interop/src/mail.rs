use std::collections::HashMap;
use std::fs;
use std::thread::sleep;
use std::time::Duration;

use serde_json::Value;

use crate::lab::Lab;

/// Returns the mails to an address, oldest first, each as the `key=value` lines that the templates
/// write.
pub fn mails_to(lab: &Lab, address: &str) -> Vec<HashMap<String, String>> {
    let mut files: Vec<_> = fs::read_dir(lab.run_folder().join("mail"))
        .expect("the servers are running")
        .map(|entry| entry.expect("a readable folder").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "json"))
        .collect();
    files.sort();
    let mail =
        |path| serde_json::from_slice::<Value>(&fs::read(path).expect("a mail")).expect("JSON");
    let is_to =
        |mail: &Value| mail["to"].as_array().is_some_and(|to| to.iter().any(|to| to == address));
    files.into_iter().map(mail).filter(is_to).map(|mail| lines(&mail)).collect()
}

fn lines(mail: &Value) -> HashMap<String, String> {
    let data = mail["data"].as_str().expect("a text").replace("\r\n", "\n");
    let pairs = data.lines().filter_map(|line| line.split_once('='));
    pairs.map(|(key, value)| (key.to_owned(), value.to_owned())).collect()
}

/// Waits for a mail of one kind to an address, and returns the last one.
fn wait_for(lab: &Lab, address: &str, kind: &str) -> HashMap<String, String> {
    for _ in 0..100 {
        let mut mails = mails_to(lab, address);
        mails.retain(|mail| mail.get("kind").is_some_and(|found| found == kind));
        if let Some(mail) = mails.pop() {
            return mail;
        }
        sleep(Duration::from_millis(100));
    }
    panic!("no {kind} mail to {address} in ten seconds");
}

/// Returns the mail that invites an address: `token`, `ephemeral_private_key`, `room_id`, `sender`,
/// …
pub fn invitation_mail(lab: &Lab, address: &str) -> HashMap<String, String> {
    wait_for(lab, address, "invite")
}

/// Returns the token that an identity server mailed to validate an address.
pub fn validation_token(lab: &Lab, address: &str) -> String {
    wait_for(lab, address, "verify")["token"].clone()
}
