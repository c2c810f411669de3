//! What callers write: notes on accounts, each tenant's its own. They are kept in memory, so that every start of the
//! stack begins with the same records.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Mutex, PoisonError},
};

use serde_json::{Value, json};

/// The most notes of one tenant; the oldest goes first.
const MOST: usize = 1_000;

/// The notes of all tenants.
#[derive(Default)]
pub(super) struct Notes(Mutex<HashMap<&'static str, Book>>);

#[derive(Default)]
struct Book {
    written: u64,
    notes: VecDeque<Value>,
}

impl Notes {
    /// The notes on an account, oldest first.
    pub(super) fn on(&self, tenant: &'static str, account: &str) -> Vec<Value> {
        let on = |note: &&Value| note.get("account_id").and_then(Value::as_str) == Some(account);
        self.book(tenant, |book| book.notes.iter().filter(on).cloned().collect())
    }

    /// Adds a note to an account and gives it as it is kept.
    pub(super) fn add(&self, tenant: &'static str, account: &str, text: &str) -> Value {
        self.book(tenant, |book| {
            book.written += 1;
            let id = format!("note-{}", book.written);
            let note = json!({"owner": tenant, "id": id, "account_id": account, "text": text});
            if book.notes.len() == MOST {
                book.notes.pop_front();
            }
            book.notes.push_back(note.clone());
            note
        })
    }

    fn book<T>(&self, tenant: &'static str, act: impl FnOnce(&mut Book) -> T) -> T {
        act(self.0.lock().unwrap_or_else(PoisonError::into_inner).entry(tenant).or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_is_its_tenants_and_its_accounts_alone() {
        let notes = Notes::default();
        let note = notes.add("tenant-a", "acc-1", "hello");
        assert_eq!((note["id"].as_str(), note["text"].as_str()), (Some("note-1"), Some("hello")));
        assert_eq!(notes.on("tenant-a", "acc-1"), [note]);
        assert!(notes.on("tenant-a", "acc-2").is_empty() && notes.on("tenant-b", "acc-1").is_empty());
    }

    #[test]
    fn the_oldest_note_makes_room() {
        let notes = Notes::default();
        for _ in 0..MOST {
            notes.add("tenant-a", "a", "x");
        }
        assert_eq!(notes.on("tenant-a", "a")[0]["id"], "note-1");
        notes.add("tenant-a", "a", "x");
        let kept = notes.on("tenant-a", "a");
        assert_eq!((kept.len(), &kept[0]["id"]), (MOST, &json!("note-2")));
    }
}
