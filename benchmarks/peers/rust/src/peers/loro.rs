use loro::{ExportMode, LoroDoc, LoroText, VersionVector};

use crate::peer::{About, Forms, Peer, READER};
use crate::trace::Patch;

pub struct Loro {
    doc: LoroDoc,
    text: LoroText,
    /// What others have of this replica's edits.
    sent: VersionVector,
}

impl Loro {
    fn import(&mut self, bytes: &[u8]) {
        self.doc.import(bytes).expect("loro imports");
    }
}

impl Peer for Loro {
    const ABOUT: About = About {
        name: "loro",
        version: "1.17.1",
        local: "all patches in one transaction, as its own benchmark does",
        merge: "each exported update imported on its own, while the document shows the newest text",
        batch: "all updates in one export, imported at once",
        load: "a snapshot imported, the text read; editable: and a character inserted, since \
               blocks of history are decoded when needed",
        sizes: "history: all updates in one export; state: a snapshot of the state alone",
    };

    fn new(agent: u32) -> Self {
        let doc = LoroDoc::new();
        let id = if agent == READER { 1 << 40 } else { agent as u64 + 1 };
        doc.set_peer_id(id).expect("loro takes the id");
        let text = doc.get_text("text");
        Loro { doc, text, sent: VersionVector::new() }
    }
    fn edit(&mut self, patches: &[Patch]) {
        for patch in patches {
            if patch.deleted > 0 {
                self.text.delete(patch.position, patch.deleted).expect("loro deletes");
            }
            if !patch.inserted.is_empty() {
                self.text.insert(patch.position, patch.inserted).expect("loro inserts");
            }
        }
        self.doc.commit();
    }
    fn text(&self) -> String {
        self.text.to_string()
    }
    fn transaction(&mut self, patches: &[Patch]) -> Vec<u8> {
        self.sent = self.doc.oplog_vv();
        self.edit(patches);
        self.doc.export(ExportMode::updates(&self.sent)).expect("loro exports")
    }
    fn receive(&mut self, update: &[u8]) {
        self.import(update);
    }
    fn receive_all(&mut self, updates: &[&[u8]]) {
        let updates: Vec<Vec<u8>> = updates.iter().map(|update| update.to_vec()).collect();
        self.doc.import_batch(&updates).expect("loro imports");
    }
    fn receive_history(&mut self, history: &[u8]) {
        self.import(history);
    }
    fn forms(updates: &[&[u8]]) -> Forms {
        let mut all = Self::new(READER);
        all.receive_all(updates);
        let history = all.doc.export(ExportMode::all_updates()).expect("loro exports");
        let frontiers = all.doc.state_frontiers();
        let state = all.doc.export(ExportMode::state_only(Some(&frontiers)));
        let saved = all.save();
        Forms {
            batch: Some(history.clone()),
            history: Some(history),
            compact: None,
            state: Some(state.expect("loro exports")),
            saved: Some(saved.clone()),
            text: Some(saved),
            base: None,
        }
    }
    fn save(&self) -> Vec<u8> {
        self.doc.export(ExportMode::Snapshot).expect("loro exports")
    }
    fn load(saved: &[u8]) -> Self {
        let mut loro = Self::new(READER);
        loro.import(saved);
        let position = loro.text.len_unicode() / 2;
        loro.edit(&[Patch { position, deleted: 0, inserted: "x" }]);
        loro
    }
    fn load_text(bytes: &[u8]) -> String {
        let mut loro = Self::new(READER);
        loro.import(bytes);
        loro.text()
    }
}
