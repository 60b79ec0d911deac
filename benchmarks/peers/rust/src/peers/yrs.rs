use yrs::updates::decoder::Decode;
use yrs::{
    ClientID, Doc, GetString, OffsetKind, Options, ReadTxn, StateVector, Text, TextRef, Transact,
    TransactionMut, Update,
};

use crate::peer::{About, Forms, Peer, READER};
use crate::trace::Patch;

pub struct Yrs {
    doc: Doc,
    text: TextRef,
}

fn document(agent: u32, skip_gc: bool) -> Yrs {
    let id = if agent == READER { 1 << 40 } else { agent as u64 + 1 };
    let doc = Doc::with_options(Options {
        client_id: ClientID::new(id),
        offset_kind: OffsetKind::Bytes,
        skip_gc,
        ..Options::default()
    });
    let text = doc.get_or_insert_text("text");
    Yrs { doc, text }
}

fn type_into(text: &TextRef, transaction: &mut TransactionMut, patches: &[Patch]) {
    for patch in patches {
        if patch.deleted > 0 {
            text.remove_range(transaction, patch.position as u32, patch.deleted as u32);
        }
        if !patch.inserted.is_empty() {
            text.insert(transaction, patch.position as u32, patch.inserted);
        }
    }
}

impl Yrs {
    fn state_v1(&self) -> Vec<u8> {
        self.doc.transact().encode_state_as_update_v1(&StateVector::default())
    }
    fn state_v2(&self) -> Vec<u8> {
        self.doc.transact().encode_state_as_update_v2(&StateVector::default())
    }
}

impl Peer for Yrs {
    const ABOUT: About = About {
        name: "yrs",
        version: "0.28.1",
        local: "a transaction for each patch: only its end joins neighbours, so that one for all \
                takes ten times as long; positions in bytes, its fastest",
        merge: "each update (v1) decoded and applied in a transaction of its own; deleted text is \
                dropped as it goes, which is its default",
        batch: "one update (v1) of a document that never dropped anything: every insert with its \
                origins, in the order of its clients, and all deletes as one set of ranges; not \
                the deletes one by one",
        load: "one update (v1) of a document without deleted text, applied; the text read from \
               there, since there is no shorter way to it",
        sizes:
            "history: update v2 of a document that never dropped anything (skip_gc), which does \
                not tell who deleted what; compact: update v2 of one with its default",
    };
    const WIDTH: fn(char) -> usize = char::len_utf8;

    fn new(agent: u32) -> Self {
        document(agent, false)
    }
    fn edit(&mut self, patches: &[Patch]) {
        for patch in patches {
            type_into(&self.text, &mut self.doc.transact_mut(), std::slice::from_ref(patch));
        }
    }
    fn text(&self) -> String {
        self.text.get_string(&self.doc.transact())
    }
    fn transaction(&mut self, patches: &[Patch]) -> Vec<u8> {
        let mut transaction = self.doc.transact_mut();
        type_into(&self.text, &mut transaction, patches);
        transaction.encode_update_v1()
    }
    fn receive(&mut self, update: &[u8]) {
        let update = Update::decode_v1(update).expect("yrs reads its update");
        self.doc.transact_mut().apply_update(update).expect("yrs applies its update");
    }
    fn receive_history(&mut self, history: &[u8]) {
        self.receive(history);
    }
    fn forms(updates: &[&[u8]]) -> Forms {
        let mut keeps_all = document(READER, true);
        let mut drops = document(READER, false);
        for update in updates {
            keeps_all.receive(update);
            drops.receive(update);
        }
        Forms {
            batch: Some(keeps_all.state_v1()),
            history: Some(keeps_all.state_v2()),
            compact: Some(drops.state_v2()),
            state: None,
            saved: Some(drops.state_v1()),
            text: Some(drops.state_v1()),
            base: None,
        }
    }
    fn save(&self) -> Vec<u8> {
        self.state_v1()
    }
    fn load(saved: &[u8]) -> Self {
        let mut yrs = Self::new(READER);
        yrs.receive(saved);
        let position = yrs.text.len(&yrs.doc.transact()) as usize / 2;
        yrs.edit(&[Patch { position, deleted: 0, inserted: "x" }]);
        yrs
    }
    fn load_text(bytes: &[u8]) -> String {
        let mut yrs = Self::new(READER);
        yrs.receive(bytes);
        yrs.text()
    }
}
