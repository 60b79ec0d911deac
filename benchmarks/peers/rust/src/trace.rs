//! Editing traces: the JSON that `cotext replay` reads, gzipped or not. Positions and lengths are
//! code points. A transaction's patches apply one after another to the merged state of its parents;
//! its ancestors include the previous one of its agent.

use std::fs;
use std::io::{Read, Write};
use std::ops::Range;

use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};

use crate::Result;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patch<'a> {
    pub position: usize,
    pub deleted: usize,
    pub inserted: &'a str,
}

#[derive(Debug)]
pub struct Transaction {
    pub agent: u32,
    pub parents: Vec<u32>,
    pub patches: Range<usize>,
}

#[derive(Debug)]
struct Stored {
    position: usize,
    deleted: usize,
    text: Range<usize>,
}

pub struct Trace {
    pub name: String,
    pub concurrent: bool,
    pub agents: u32,
    pub end: String,
    pub transactions: Vec<Transaction>,
    patches: Vec<Stored>,
    text: String,
}

/// A patch; it may have a time behind it, which is not used.
#[derive(Deserialize)]
struct RawPatch(
    usize,
    usize,
    String,
    #[serde(default)]
    #[allow(dead_code)]
    Option<IgnoredAny>,
);

#[derive(Deserialize)]
struct RawTransaction {
    parents: Option<Vec<u32>>,
    #[serde(default)]
    agent: u32,
    patches: Vec<RawPatch>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Raw {
    kind: Option<String>,
    #[serde(default)]
    start_content: String,
    end_content: String,
    num_agents: Option<u32>,
    txns: Vec<RawTransaction>,
}

#[derive(Serialize)]
struct OutTransaction<'a> {
    parents: &'a [u32],
    agent: u32,
    patches: Vec<(usize, usize, &'a str)>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Out<'a> {
    kind: &'a str,
    end_content: &'a str,
    num_agents: u32,
    txns: Vec<OutTransaction<'a>>,
}

impl Trace {
    pub fn read(path: &str) -> Result<Trace> {
        let file = fs::read(path).map_err(|error| format!("{path}: {error}"))?;
        let mut json = Vec::new();
        if file.starts_with(&[0x1f, 0x8b]) {
            flate2::read::MultiGzDecoder::new(&file[..]).read_to_end(&mut json)?;
        } else {
            json = file;
        }
        Trace::parse(&json, path).map_err(|error| format!("{path}: {error}").into())
    }

    pub fn parse(json: &[u8], name: &str) -> Result<Trace> {
        let raw: Raw = serde_json::from_slice(json)?;
        if !raw.start_content.is_empty() {
            return Err("a trace that does not begin empty is not replayed here".into());
        }
        let concurrent = raw.kind.as_deref() == Some("concurrent");
        let agents = if concurrent { raw.num_agents.ok_or("numAgents is missing")? } else { 1 };
        let mut trace = Trace::empty(name, agents);
        trace.concurrent = concurrent;
        trace.end = raw.end_content;
        for (index, transaction) in raw.txns.into_iter().enumerate() {
            let before = if index == 0 { vec![] } else { vec![index as u32 - 1] };
            let parents = if concurrent {
                transaction.parents.ok_or_else(|| format!("transaction {index} has no parents"))?
            } else {
                before
            };
            if transaction.agent >= agents || parents.iter().any(|&p| p as usize >= index) {
                return Err(format!("transaction {index} has a wrong agent or parent").into());
            }
            trace.add(transaction.agent, parents);
            for RawPatch(position, deleted, inserted, _) in transaction.patches {
                trace.add_patch(Patch { position, deleted, inserted: &inserted });
            }
        }
        Ok(trace)
    }

    pub fn empty(name: &str, agents: u32) -> Trace {
        Trace {
            name: name.to_string(),
            concurrent: true,
            agents,
            end: String::new(),
            transactions: vec![],
            patches: vec![],
            text: String::new(),
        }
    }

    /// Adds a transaction without patches.
    pub fn add(&mut self, agent: u32, parents: Vec<u32>) {
        let at = self.patches.len();
        self.transactions.push(Transaction { agent, parents, patches: at..at });
    }

    /// Adds a patch to the last transaction.
    pub fn add_patch(&mut self, patch: Patch) {
        let begin = self.text.len();
        self.text.push_str(patch.inserted);
        self.patches.push(Stored {
            position: patch.position,
            deleted: patch.deleted,
            text: begin..self.text.len(),
        });
        self.transactions.last_mut().expect("a transaction").patches.end = self.patches.len();
    }

    pub fn write(&self, path: &str) -> Result<()> {
        let all = self.patches();
        let txns = self.transactions.iter().map(|transaction| OutTransaction {
            parents: &transaction.parents,
            agent: transaction.agent,
            patches: all[transaction.patches.clone()]
                .iter()
                .map(|patch| (patch.position, patch.deleted, patch.inserted))
                .collect(),
        });
        let out = Out {
            kind: "concurrent",
            end_content: &self.end,
            num_agents: self.agents,
            txns: txns.collect(),
        };
        let mut file =
            flate2::write::GzEncoder::new(fs::File::create(path)?, flate2::Compression::default());
        file.write_all(&serde_json::to_vec(&out)?)?;
        file.finish()?;
        Ok(())
    }

    /// All patches; those of a transaction are at its range.
    pub fn patches(&self) -> Vec<Patch<'_>> {
        self.patches
            .iter()
            .map(|patch| Patch {
                position: patch.position,
                deleted: patch.deleted,
                inserted: &self.text[patch.text.clone()],
            })
            .collect()
    }

    /// All patches with positions and lengths in the units that `width` gives for a character.
    /// Only for a trace in which everybody has seen everything before; ASCII is as it is.
    pub fn patches_in(&self, width: fn(char) -> usize) -> Result<Vec<Patch<'_>>> {
        let mut patches = self.patches();
        if self.text.is_ascii() {
            return Ok(patches);
        }
        if !self.is_linear() {
            return Err("a concurrent trace beyond ASCII is not converted to other units".into());
        }
        let mut widths: Vec<u8> = vec![];
        let sum = |widths: &[u8]| widths.iter().map(|&w| w as usize).sum::<usize>();
        for patch in &mut patches {
            let (begin, end) = (patch.position, patch.position + patch.deleted);
            patch.position = sum(&widths[..begin]);
            patch.deleted = sum(&widths[begin..end]);
            widths.splice(begin..end, patch.inserted.chars().map(|c| width(c) as u8));
        }
        Ok(patches)
    }

    /// Whether every transaction has seen all before it.
    pub fn is_linear(&self) -> bool {
        self.transactions
            .iter()
            .enumerate()
            .all(|(i, transaction)| i == 0 || transaction.parents.contains(&(i as u32 - 1)))
    }

    pub fn events(&self) -> usize {
        let inserted = self.text.chars().count();
        inserted + self.patches.iter().map(|patch| patch.deleted).sum::<usize>()
    }

    pub fn patch_count(&self) -> usize {
        self.patches.len()
    }

    /// For every agent, the last transaction that it makes.
    pub fn last_of_agents(&self) -> Vec<Option<usize>> {
        let mut last = vec![None; self.agents as usize];
        for (index, transaction) in self.transactions.iter().enumerate() {
            last[transaction.agent as usize] = Some(index);
        }
        last
    }
}

/// The transactions that a replica knows.
#[derive(Clone)]
pub struct Known(Vec<bool>);

impl Known {
    pub fn new(trace: &Trace) -> Known {
        Known(vec![false; trace.transactions.len()])
    }

    /// Adds `parents` and all their ancestors; returns what was new, in the trace's order.
    pub fn learn(&mut self, trace: &Trace, parents: &[u32]) -> Vec<usize> {
        let mut new = vec![];
        let mut todo = parents.to_vec();
        while let Some(next) = todo.pop() {
            let next = next as usize;
            if !std::mem::replace(&mut self.0[next], true) {
                new.push(next);
                todo.extend(&trace.transactions[next].parents);
            }
        }
        new.sort_unstable();
        new
    }

    pub fn add(&mut self, transaction: usize) {
        self.0[transaction] = true;
    }
}
