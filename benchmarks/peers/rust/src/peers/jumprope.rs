//! The rope of diamond-types, alone: a yardstick for local edits, which keeps no history.

use jumprope::{JumpRope, JumpRopeBuf};

use crate::peer::{About, Peer};
use crate::trace::Patch;

const NOTHING: About =
    About { name: "", version: "1.1.2", local: "", merge: "", batch: "", load: "", sizes: "" };

pub struct Unbuffered(JumpRope);

impl Peer for Unbuffered {
    const ABOUT: About = About {
        name: "jumprope",
        local: "a rope without history, every patch applied at once",
        ..NOTHING
    };
    const ONLY_LOCAL: bool = true;

    fn new(_agent: u32) -> Self {
        Unbuffered(JumpRope::new())
    }
    fn edit(&mut self, patches: &[Patch]) {
        for patch in patches {
            if patch.deleted > 0 {
                self.0.remove(patch.position..patch.position + patch.deleted);
            }
            if !patch.inserted.is_empty() {
                self.0.insert(patch.position, patch.inserted);
            }
        }
    }
    fn text(&self) -> String {
        self.0.to_string()
    }
}

pub struct Buffered(JumpRopeBuf);

impl Peer for Buffered {
    const ABOUT: About = About {
        name: "jumprope-buffered",
        local: "a rope without history; adjacent keystrokes are joined before they reach it",
        ..NOTHING
    };
    const ONLY_LOCAL: bool = true;

    fn new(_agent: u32) -> Self {
        Buffered(JumpRopeBuf::new())
    }
    fn edit(&mut self, patches: &[Patch]) {
        for patch in patches {
            if patch.deleted > 0 {
                self.0.remove(patch.position..patch.position + patch.deleted);
            }
            if !patch.inserted.is_empty() {
                self.0.insert(patch.position, patch.inserted);
            }
        }
        // The last keystrokes reach the rope, too.
        drop(self.0.borrow());
    }
    fn text(&self) -> String {
        self.0.borrow().to_string()
    }
}
