use diamond_types::list::encoding::{EncodeOptions, ENCODE_FULL, ENCODE_PATCH};
use diamond_types::list::operation::Operation;
use diamond_types::list::{ListCRDT, OpLog};
use diamond_types::AgentId;

use crate::peer::{About, Forms, Peer, READER};
use crate::trace::Patch;

pub struct DiamondTypes {
    list: ListCRDT,
    agent: AgentId,
}

/// A keystroke is too short to be compressed.
const UPDATE: EncodeOptions = EncodeOptions { compress_content: false, ..ENCODE_PATCH };

fn operations(patch: &Patch, into: &mut Vec<Operation>) {
    if patch.deleted > 0 {
        into.push(Operation::new_delete(patch.position..patch.position + patch.deleted));
    }
    if !patch.inserted.is_empty() {
        into.push(Operation::new_insert(patch.position, patch.inserted));
    }
}

impl Peer for DiamondTypes {
    const ABOUT: About = About {
        name: "diamond-types",
        version: "1.0.0",
        local: "ListCRDT: each patch into the log and the rope, as its own benchmark does",
        merge: "each update decoded into the log and merged into the rope (merge_data_and_ff)",
        batch: "the whole log decoded and merged once, as its paper times it but from bytes",
        load: "text: the text alone in LZ4, as the cached text of its paper, outside of the log's \
               format; editable: the whole log, decoded and merged, since no state is saved",
        sizes: "history: ENCODE_FULL with LZ4, all text ever inserted; the published crate writes \
                no form without deleted text",
    };

    fn new(agent: u32) -> Self {
        let mut list = ListCRDT::new();
        let name = if agent == READER { "reader".to_string() } else { format!("{agent:05}") };
        let agent = list.get_or_create_agent_id(&name);
        DiamondTypes { list, agent }
    }
    fn edit(&mut self, patches: &[Patch]) {
        let mut buffer = Vec::with_capacity(2);
        for patch in patches {
            buffer.clear();
            operations(patch, &mut buffer);
            self.list.apply_local_operations(self.agent, &buffer);
        }
    }
    fn text(&self) -> String {
        self.list.branch.content().to_string()
    }
    fn transaction(&mut self, patches: &[Patch]) -> Vec<u8> {
        let before = self.list.oplog.local_version();
        self.edit(patches);
        self.list.oplog.encode_from(UPDATE, &before)
    }
    fn receive(&mut self, update: &[u8]) {
        self.list.merge_data_and_ff(update).expect("diamond-types reads its update");
    }
    fn receive_all(&mut self, updates: &[&[u8]]) {
        for update in updates {
            self.list.oplog.decode_and_add(update).expect("diamond-types reads its update");
        }
        let tip = self.list.oplog.local_version();
        self.list.branch.merge(&self.list.oplog, &tip);
    }
    fn receive_history(&mut self, history: &[u8]) {
        self.list = ListCRDT::load_from(history).expect("diamond-types reads its log");
    }
    fn forms(updates: &[&[u8]]) -> Forms {
        let mut all = Self::new(READER);
        all.receive_all(updates);
        let log = all.save();
        Forms {
            batch: Some(log.clone()),
            history: Some(log.clone()),
            compact: None,
            state: None,
            saved: Some(log),
            text: Some(lz4_flex::compress_prepend_size(all.text().as_bytes())),
            base: None,
        }
    }
    fn save(&self) -> Vec<u8> {
        self.list.oplog.encode(ENCODE_FULL)
    }
    fn load(saved: &[u8]) -> Self {
        let oplog = OpLog::load_from(saved).expect("diamond-types reads its log");
        let branch = oplog.checkout_tip();
        let mut list = ListCRDT { oplog, branch };
        let agent = list.get_or_create_agent_id("reader");
        let middle = list.branch.len() / 2;
        list.insert(agent, middle, "x");
        DiamondTypes { list, agent }
    }
    fn load_text(bytes: &[u8]) -> String {
        let text = lz4_flex::decompress_size_prepended(bytes).expect("LZ4");
        String::from_utf8(text).expect("UTF-8")
    }
}
