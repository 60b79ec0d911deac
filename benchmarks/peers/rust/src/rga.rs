//! The texts that a trace means: its state after every transaction under the order of this
//! repository's RGA, by the plainest way there is. Agent i is replica i + 1; every inserted and
//! every deleted character takes one Lamport counter; an insert stands behind its left neighbour,
//! past all that have a greater (counter, replica).

use crate::trace::{Known, Patch, Trace};
use crate::Result;

const BEGIN: u32 = 0;
const END: u32 = u32::MAX;

struct Element {
    key: (u64, u32),
    character: char,
    next: u32,
}

/// What one transaction did.
struct Done {
    inserted: std::ops::Range<u32>,
    deleted: Vec<u32>,
    last_counter: u64,
}

/// What an agent has seen.
struct View {
    known: Known,
    seen: Vec<bool>,
    deleted: Vec<bool>,
    counter: u64,
}

pub struct Texts<'a> {
    trace: &'a Trace,
    patches: Vec<Patch<'a>>,
    elements: Vec<Element>,
    done: Vec<Done>,
    views: Vec<Option<View>>,
    last: Vec<Option<usize>>,
}

impl<'a> Texts<'a> {
    pub fn new(trace: &'a Trace) -> Texts<'a> {
        Texts {
            trace,
            patches: trace.patches(),
            elements: vec![Element { key: (0, 0), character: '\0', next: END }],
            done: vec![],
            views: (0..trace.agents).map(|_| None).collect(),
            last: trace.last_of_agents(),
        }
    }

    /// Returns the text after the next transaction.
    pub fn next(&mut self) -> Result<Vec<char>> {
        let index = self.done.len();
        let transaction = &self.trace.transactions[index];
        let agent = transaction.agent as usize;
        let mut view = self.views[agent].take().unwrap_or_else(|| View {
            known: Known::new(self.trace),
            seen: vec![],
            deleted: vec![],
            counter: 0,
        });
        for new in view.known.learn(self.trace, &transaction.parents) {
            view.see(&self.done[new]);
        }
        let mut visible = self.visible(&view);
        let mut done = Done {
            inserted: self.elements.len() as u32..0,
            deleted: vec![],
            last_counter: view.counter,
        };
        for patch in transaction.patches.clone() {
            self.apply(self.patches[patch], agent as u32, &mut visible, &mut done)
                .map_err(|()| format!("transaction {index}: a position is out of range"))?;
        }
        done.inserted.end = self.elements.len() as u32;
        view.see(&done);
        view.known.add(index);
        self.done.push(done);
        if self.last[agent] != Some(index) {
            self.views[agent] = Some(view);
        }
        Ok(visible.iter().map(|&i| self.elements[i as usize].character).collect())
    }

    fn visible(&self, view: &View) -> Vec<u32> {
        let mut visible = vec![];
        let mut next = self.elements[BEGIN as usize].next;
        while next != END {
            let i = next as usize;
            if view.seen.get(i) == Some(&true) && !view.deleted[i] {
                visible.push(next);
            }
            next = self.elements[i].next;
        }
        visible
    }

    fn apply(
        &mut self,
        patch: Patch,
        agent: u32,
        visible: &mut Vec<u32>,
        done: &mut Done,
    ) -> std::result::Result<(), ()> {
        let range = patch.position..patch.position + patch.deleted;
        if range.end > visible.len() {
            return Err(());
        }
        done.deleted.extend(&visible[range.clone()]);
        done.last_counter += patch.deleted as u64;
        let mut left = if patch.position == 0 { BEGIN } else { visible[patch.position - 1] };
        let first = self.elements.len() as u32;
        for character in patch.inserted.chars() {
            done.last_counter += 1;
            left = self.insert(left, (done.last_counter, agent), character);
        }
        visible.splice(range, first..self.elements.len() as u32);
        Ok(())
    }

    fn insert(&mut self, left: u32, key: (u64, u32), character: char) -> u32 {
        let mut place = left as usize;
        loop {
            let next = self.elements[place].next;
            if next == END || self.elements[next as usize].key < key {
                break;
            }
            place = next as usize;
        }
        let new = self.elements.len() as u32;
        let next = std::mem::replace(&mut self.elements[place].next, new);
        self.elements.push(Element { key, character, next });
        new
    }
}

impl View {
    fn see(&mut self, done: &Done) {
        let end = done.inserted.end as usize;
        if self.seen.len() < end {
            self.seen.resize(end, false);
            self.deleted.resize(end, false);
        }
        self.seen[done.inserted.start as usize..end].fill(true);
        for &element in &done.deleted {
            self.deleted[element as usize] = true;
        }
        self.counter = self.counter.max(done.last_counter);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(json: &str) -> Vec<String> {
        let trace = Trace::parse(json.as_bytes(), "test").unwrap();
        let mut texts = Texts::new(&trace);
        (0..trace.transactions.len()).map(|_| texts.next().unwrap().iter().collect()).collect()
    }

    #[test]
    fn concurrent_inserts_at_one_place_order_by_counter_then_agent() {
        let found = texts(
            r#"{"kind":"concurrent","endContent":"","numAgents":3,"txns":[
                {"parents":[],"agent":0,"patches":[[0,0,"ac"]]},
                {"parents":[0],"agent":1,"patches":[[1,0,"x"]]},
                {"parents":[0],"agent":2,"patches":[[1,0,"y"]]},
                {"parents":[0],"agent":0,"patches":[[0,1,""],[0,0,"z"]]},
                {"parents":[1,2],"agent":1,"patches":[]},
                {"parents":[3,4],"agent":2,"patches":[]}]}"#,
        );
        assert_eq!(found[4], "ayxc");
        assert_eq!(found[5], "zyxc");
    }

    #[test]
    fn what_was_not_seen_is_not_in_the_text() {
        let found = texts(
            r#"{"kind":"concurrent","endContent":"","numAgents":2,"txns":[
                {"parents":[],"agent":0,"patches":[[0,0,"hello"]]},
                {"parents":[],"agent":1,"patches":[[0,0,"world"]]},
                {"parents":[0],"agent":0,"patches":[[0,2,""]]},
                {"parents":[1,2],"agent":1,"patches":[[8,0,"!"]]}]}"#,
        );
        assert_eq!(found[2], "llo");
        assert_eq!(found[3], "worldllo!");
    }

    #[test]
    fn a_position_out_of_range_is_told_with_its_transaction() {
        let json = br#"{"endContent":"","txns":[{"patches":[[0,0,"a"]]},{"patches":[[1,1,""]]}]}"#;
        let trace = Trace::parse(json, "test").unwrap();
        let mut texts = Texts::new(&trace);
        texts.next().unwrap();
        let error = texts.next().unwrap_err().to_string();
        assert!(error.contains("transaction 1"), "{error}");
    }

    /// Real traces, from the folder that COTEXT_DATA names; without it, none.
    #[test]
    fn real_traces_end_in_their_own_texts() {
        let Ok(folder) = std::env::var("COTEXT_DATA") else {
            return eprintln!("skipped: COTEXT_DATA is not set");
        };
        for name in ["friendsforever", "A2"] {
            let trace = Trace::read(&format!("{folder}/traces/{name}.json.gz")).unwrap();
            let mut texts = Texts::new(&trace);
            let mut last = vec![];
            for _ in &trace.transactions {
                last = texts.next().unwrap();
            }
            assert!(last.iter().copied().eq(trace.end.chars()), "{name}");
        }
    }
}
