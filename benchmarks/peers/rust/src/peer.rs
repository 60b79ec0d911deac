//! What every engine is asked for.

use crate::trace::Patch;

/// What is done in each mode, in words for a reader of the report.
pub struct About {
    pub name: &'static str,
    pub version: &'static str,
    pub local: &'static str,
    pub merge: &'static str,
    pub batch: &'static str,
    pub load: &'static str,
    pub sizes: &'static str,
}

/// Which replica a document is: an agent of the trace, or one that only reads.
pub const READER: u32 = u32::MAX;

/// The bytes in which a document that has received everything is kept and handed on.
#[derive(Default)]
pub struct Forms {
    /// The whole history in one piece, as `receive_history` takes it.
    pub batch: Option<Vec<u8>>,
    /// The smallest form of the whole history, with the text of what is deleted.
    pub history: Option<Vec<u8>>,
    /// The smallest form without the text of what is deleted.
    pub compact: Option<Vec<u8>>,
    /// The smallest form without any history: what older replicas cannot merge with.
    pub state: Option<Vec<u8>>,
    /// What `load` takes.
    pub saved: Option<Vec<u8>>,
    /// What `load_text` takes.
    pub text: Option<Vec<u8>>,
    /// What every document begins with, for other builds of the same engine.
    pub base: Option<Vec<u8>>,
}

/// One document of an engine. Its own errors are panics: a run that is wrong stops.
pub trait Peer: Sized {
    const ABOUT: About;
    /// Whether it is only a text buffer, so that nothing can be merged or saved.
    const ONLY_LOCAL: bool = false;
    /// The units of positions: the length of a character.
    const WIDTH: fn(char) -> usize = |_| 1;

    /// `agent` is below the trace's number of agents, or READER.
    fn new(agent: u32) -> Self;
    /// Edits of this document, in the fastest way that the engine documents.
    fn edit(&mut self, patches: &[Patch]);
    fn text(&self) -> String;

    /// Edits of this document as a transaction of its own; returns the bytes for others.
    fn transaction(&mut self, _patches: &[Patch]) -> Vec<u8> {
        unreachable!("only local")
    }
    /// Applies one transaction of another replica.
    fn receive(&mut self, _update: &[u8]) {
        unreachable!("only local")
    }
    /// Applies several, for inputs that are made outside of the clock.
    fn receive_all(&mut self, updates: &[&[u8]]) {
        for update in updates {
            self.receive(update);
        }
    }
    /// Applies `Forms::batch` to this empty document.
    fn receive_history(&mut self, _history: &[u8]) {
        unreachable!("no history in one piece")
    }
    /// Makes all forms of a document that has received all of `updates`.
    fn forms(_updates: &[&[u8]]) -> Forms {
        Forms::default()
    }
    /// Writes `Forms::saved`, which is timed.
    fn save(&self) -> Vec<u8> {
        unreachable!("not saved")
    }
    /// Opens `Forms::saved` for editing and inserts a character in the middle, so that what is
    /// decoded only when needed is decoded.
    fn load(_saved: &[u8]) -> Self {
        unreachable!("not saved")
    }
    /// Reads the text of `Forms::text`.
    fn load_text(_bytes: &[u8]) -> String {
        unreachable!("not saved")
    }
}
