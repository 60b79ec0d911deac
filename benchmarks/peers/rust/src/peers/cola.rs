//! cola keeps no text: a rope beside it does, as in the editors that it is made for.

use cola::{Deletion, EncodedReplica, Insertion, Replica};
use jumprope::JumpRopeBuf;
use serde::{Deserialize, Serialize};

use crate::peer::{About, Forms, Peer, READER};
use crate::trace::Patch;

pub struct Cola {
    replica: Replica,
    text: JumpRopeBuf,
}

#[derive(Serialize, Deserialize)]
enum Edit {
    Delete(Deletion),
    Insert(Insertion, String),
}

fn id(agent: u32) -> u64 {
    if agent == READER {
        1 << 40
    } else {
        agent as u64 + 1
    }
}

impl Peer for Cola {
    const ABOUT: About = About {
        name: "cola-crdt",
        version: "0.1.1",
        local: "the replica, and beside it a buffered jumprope, since it keeps no text",
        merge: "each edit decoded (serde, bincode), integrated, and done to the rope beside it",
        batch: "",
        load: "text: the text alone, kept by the caller; editable: the replica's own encoding, \
               and the text",
        sizes: "compact: the replica's own encoding and the text; it keeps no deleted text, and \
                no history that could be handed on",
    };

    fn new(agent: u32) -> Self {
        // All replicas are forks of one.
        let replica = Replica::new(1 << 41, 0).fork(id(agent));
        Cola { replica, text: JumpRopeBuf::new() }
    }
    fn edit(&mut self, patches: &[Patch]) {
        for patch in patches {
            if patch.deleted > 0 {
                let range = patch.position..patch.position + patch.deleted;
                let _ = self.replica.deleted(range.clone());
                self.text.remove(range);
            }
            if !patch.inserted.is_empty() {
                let _ = self.replica.inserted(patch.position, patch.inserted.chars().count());
                self.text.insert(patch.position, patch.inserted);
            }
        }
    }
    fn text(&self) -> String {
        self.text.borrow().to_string()
    }
    fn transaction(&mut self, patches: &[Patch]) -> Vec<u8> {
        let mut edits = vec![];
        for patch in patches {
            if patch.deleted > 0 {
                let range = patch.position..patch.position + patch.deleted;
                edits.push(Edit::Delete(self.replica.deleted(range.clone())));
                self.text.remove(range);
            }
            if !patch.inserted.is_empty() {
                let length = patch.inserted.chars().count();
                let insertion = self.replica.inserted(patch.position, length);
                edits.push(Edit::Insert(insertion, patch.inserted.to_string()));
                self.text.insert(patch.position, patch.inserted);
            }
        }
        bincode::serialize(&edits).expect("bincode")
    }
    fn receive(&mut self, update: &[u8]) {
        let edits: Vec<Edit> = bincode::deserialize(update).expect("bincode");
        for edit in edits {
            match edit {
                Edit::Delete(deletion) => {
                    // Ranges of the text before; from the end, so that none moves another.
                    for range in self.replica.integrate_deletion(&deletion).into_iter().rev() {
                        self.text.remove(range);
                    }
                }
                Edit::Insert(insertion, text) => {
                    let place = self.replica.integrate_insertion(&insertion);
                    self.text.insert(place.expect("in causal order"), &text);
                }
            }
        }
    }
    fn forms(updates: &[&[u8]]) -> Forms {
        let mut all = Self::new(READER);
        all.receive_all(updates);
        let saved = all.save();
        Forms {
            batch: None,
            history: None,
            compact: Some(saved.clone()),
            state: None,
            saved: Some(saved),
            text: Some(all.text().into_bytes()),
            base: None,
        }
    }
    fn save(&self) -> Vec<u8> {
        bincode::serialize(&(self.replica.encode(), self.text())).expect("bincode")
    }
    fn load(saved: &[u8]) -> Self {
        let (replica, text): (EncodedReplica, String) =
            bincode::deserialize(saved).expect("bincode");
        let replica = Replica::decode(1 << 42, &replica).expect("cola reads its replica");
        let mut cola = Cola { replica, text: JumpRopeBuf::new_from_str(&text) };
        let position = cola.replica.len() / 2;
        cola.edit(&[Patch { position, deleted: 0, inserted: "x" }]);
        cola
    }
    fn load_text(bytes: &[u8]) -> String {
        std::str::from_utf8(bytes).expect("UTF-8").to_string()
    }
}
