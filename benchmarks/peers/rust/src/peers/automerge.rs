use automerge::transaction::{CommitOptions, Transactable};
use automerge::{ActorId, Automerge, Change, ObjId, ObjType, ReadDoc, ROOT};

use crate::peer::{About, Forms, Peer, READER};
use crate::trace::Patch;

pub struct AutomergePeer {
    doc: Automerge,
    text: ObjId,
}

/// Agents order as in this repository: agent i is replica i + 1, and replica 0 made the text.
fn actor(agent: u32) -> ActorId {
    let id = if agent == READER { u32::MAX } else { agent + 1 };
    ActorId::from(id.to_be_bytes())
}

fn splice<T: Transactable>(text: &ObjId, transaction: &mut T, patches: &[Patch]) {
    for patch in patches {
        transaction
            .splice_text(text, patch.position, patch.deleted as isize, patch.inserted)
            .expect("automerge splices");
    }
}

fn text_of(doc: &Automerge) -> ObjId {
    doc.get(ROOT, "text").expect("automerge reads").expect("there is a text").1
}

impl AutomergePeer {
    fn opened(doc: Automerge) -> Self {
        let text = text_of(&doc);
        AutomergePeer { doc, text }
    }
}

/// The change that makes the text, with which every document begins.
fn first_change() -> Vec<u8> {
    let doc = AutomergePeer::new(0).doc;
    let changes = doc.get_changes(&[]);
    changes[0].raw_bytes().to_vec()
}

impl Peer for AutomergePeer {
    const ABOUT: About = About {
        name: "automerge",
        version: "0.12.0",
        local: "all patches in one transaction",
        merge: "each change decoded and applied on its own (apply_changes)",
        batch: "all changes decoded and applied in one call (apply_changes)",
        load: "its document format, without comparing the hashes of all changes \
               (load_unverified_heads); the text read from there",
        sizes: "history: save(), DEFLATE; nothing is ever dropped, so there is no form without \
                deleted text",
    };

    fn new(agent: u32) -> Self {
        let mut doc = Automerge::new();
        doc.set_actor(ActorId::from(0u32.to_be_bytes()));
        let mut transaction = doc.transaction();
        let text = transaction.put_object(ROOT, "text", ObjType::Text).expect("automerge puts");
        transaction.commit_with(CommitOptions::default().with_time(0));
        doc.set_actor(actor(agent));
        AutomergePeer { doc, text }
    }
    fn edit(&mut self, patches: &[Patch]) {
        let mut transaction = self.doc.transaction();
        splice(&self.text, &mut transaction, patches);
        transaction.commit_with(CommitOptions::default().with_time(0));
    }
    fn text(&self) -> String {
        self.doc.text(&self.text).expect("automerge reads")
    }
    fn transaction(&mut self, patches: &[Patch]) -> Vec<u8> {
        if patches.is_empty() {
            return vec![];
        }
        self.edit(patches);
        let change = self.doc.get_last_local_change().expect("there is a change");
        change.raw_bytes().to_vec()
    }
    fn receive(&mut self, update: &[u8]) {
        self.receive_all(&[update]);
    }
    fn receive_all(&mut self, updates: &[&[u8]]) {
        let decode = |update: &&[u8]| Change::from_bytes(update.to_vec()).expect("automerge reads");
        let updates = updates.iter().filter(|update| !update.is_empty());
        let changes: Vec<Change> = updates.map(decode).collect();
        self.doc.apply_changes(changes).expect("automerge applies its changes");
    }
    fn receive_history(&mut self, history: &[u8]) {
        self.receive_all(&crate::updates::unpack(history));
    }
    fn forms(updates: &[&[u8]]) -> Forms {
        let mut all = Self::new(READER);
        all.receive_all(updates);
        let saved = all.save();
        Forms {
            batch: Some(crate::updates::pack(updates)),
            history: Some(saved.clone()),
            compact: None,
            state: None,
            saved: Some(saved.clone()),
            text: Some(saved),
            base: Some(first_change()),
        }
    }
    fn save(&self) -> Vec<u8> {
        self.doc.save()
    }
    fn load(saved: &[u8]) -> Self {
        let doc = Automerge::load_unverified_heads(saved).expect("automerge loads its document");
        let mut automerge = Self::opened(doc.with_actor(actor(READER)));
        let position = automerge.doc.length(&automerge.text) / 2;
        automerge.edit(&[Patch { position, deleted: 0, inserted: "x" }]);
        automerge
    }
    fn load_text(bytes: &[u8]) -> String {
        let doc = Automerge::load_unverified_heads(bytes).expect("automerge loads its document");
        Self::opened(doc).text()
    }
}
