//! What peers would exchange: every transaction of a trace as the bytes that its agent's own replica
//! makes of it, which knows exactly what the transaction's parents cover. Made outside the clock,
//! once for a trace and an engine: a folder keeps them.

use std::fs;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::diff::Edit;
use crate::peer::{Forms, Peer};
use crate::trace::{Known, Patch, Trace};
use crate::Result;

/// A replica for each agent, brought up to date when it makes something, given up after its last
/// transaction.
pub struct Replicas<'a, P> {
    trace: &'a Trace,
    last: Vec<Option<usize>>,
    replicas: Vec<Option<(Known, P)>>,
    updates: Vec<Vec<u8>>,
}

impl<'a, P: Peer> Replicas<'a, P> {
    pub fn new(trace: &'a Trace) -> Self {
        let last = trace.last_of_agents();
        let replicas = last.iter().map(|_| None).collect();
        Replicas { trace, last, replicas, updates: vec![] }
    }

    /// Makes the next transaction: `patches_at` gets the replica at its parents.
    pub fn next<F, B>(&mut self, patches_at: F) -> Result<()>
    where
        F: FnOnce(&P) -> Result<B>,
        B: AsPatches,
    {
        let index = self.updates.len();
        let transaction = &self.trace.transactions[index];
        let agent = transaction.agent as usize;
        let (mut known, mut replica) = self.replicas[agent]
            .take()
            .unwrap_or_else(|| (Known::new(self.trace), P::new(transaction.agent)));
        let new = known.learn(self.trace, &transaction.parents);
        let updates = new.iter().map(|&i| &self.updates[i][..]);
        let updates: Vec<&[u8]> = updates.filter(|update| !update.is_empty()).collect();
        match updates[..] {
            [] => {}
            [update] => replica.receive(update),
            _ => replica.receive_all(&updates),
        }
        let patches = patches_at(&replica)?;
        let patches = patches.as_patches();
        let update = if patches.is_empty() { vec![] } else { replica.transaction(&patches) };
        self.updates.push(update);
        known.add(index);
        if self.last[agent] != Some(index) {
            self.replicas[agent] = Some((known, replica));
        }
        Ok(())
    }

    /// The updates of all transactions that edit something.
    pub fn into_updates(self) -> Vec<Vec<u8>> {
        self.updates.into_iter().filter(|update| !update.is_empty()).collect()
    }
}

/// Patches that are the trace's, or made anew.
pub trait AsPatches {
    fn as_patches(&self) -> Vec<Patch<'_>>;
}

impl AsPatches for &[Patch<'_>] {
    fn as_patches(&self) -> Vec<Patch<'_>> {
        self.to_vec()
    }
}

impl AsPatches for Vec<Edit> {
    fn as_patches(&self) -> Vec<Patch<'_>> {
        self.iter()
            .map(|edit| Patch {
                position: edit.position,
                deleted: edit.deleted,
                inserted: &edit.inserted,
            })
            .collect()
    }
}

pub fn make<P: Peer>(trace: &Trace) -> Result<Vec<Vec<u8>>> {
    let patches = trace.patches_in(P::WIDTH)?;
    let mut replicas = Replicas::<P>::new(trace);
    for transaction in &trace.transactions {
        replicas.next(|_| Ok(&patches[transaction.patches.clone()]))?;
    }
    Ok(replicas.into_updates())
}

/// Byte strings one after another, each behind its length.
pub fn pack<B: AsRef<[u8]>>(parts: &[B]) -> Vec<u8> {
    let mut packed = vec![];
    for part in parts {
        packed.extend((part.as_ref().len() as u32).to_le_bytes());
        packed.extend(part.as_ref());
    }
    packed
}

pub fn unpack(mut packed: &[u8]) -> Vec<&[u8]> {
    let mut parts = vec![];
    while let Some((length, rest)) = packed.split_first_chunk::<4>() {
        let (part, rest) = rest.split_at(u32::from_le_bytes(*length) as usize);
        parts.push(part);
        packed = rest;
    }
    parts
}

/// Where the inputs of an engine for a trace are kept: `NAME.updates`, packed, and a file for each
/// form that there is.
pub struct Inputs {
    stem: PathBuf,
}

/// The files of `Forms`, in its order.
const FORMS: [&str; 7] = ["batch", "history", "compact", "state", "saved", "text", "base"];

impl Inputs {
    pub fn new<P: Peer>(cache: &str, trace_path: &str) -> Result<Inputs> {
        let file = fs::read(trace_path).map_err(|error| format!("{trace_path}: {error}"))?;
        let hash = &hex(&Sha256::digest(file))[..16];
        let stem = Path::new(cache).join(format!("{hash}-{}-{}", P::ABOUT.name, P::ABOUT.version));
        Ok(Inputs { stem })
    }

    fn path(&self, what: &str) -> PathBuf {
        let mut path = self.stem.clone().into_os_string();
        path.push(".");
        path.push(what);
        path.into()
    }

    /// Makes them if they are not there.
    pub fn make<P: Peer>(&self, trace: &Trace) -> Result<()> {
        if P::ONLY_LOCAL || self.path("updates").exists() {
            return Ok(());
        }
        if let Some(folder) = self.stem.parent() {
            fs::create_dir_all(folder)?;
        }
        let updates = make::<P>(trace)?;
        let views: Vec<&[u8]> = updates.iter().map(|update| &update[..]).collect();
        let forms = P::forms(&views);
        let Forms { batch, history, compact, state, saved, text, base } = forms;
        let forms = [batch, history, compact, state, saved, text, base];
        for (name, form) in FORMS.iter().zip(forms) {
            if let Some(bytes) = form {
                fs::write(self.path(name), bytes)?;
            }
        }
        // Last, and at once: what is there is complete.
        fs::write(self.path("new"), pack(&updates))?;
        fs::rename(self.path("new"), self.path("updates"))?;
        Ok(())
    }

    pub fn packed_updates(&self) -> Result<Vec<u8>> {
        let path = self.path("updates");
        Ok(fs::read(&path).map_err(|error| format!("{}: {error}", path.display()))?)
    }

    pub fn forms(&self) -> Forms {
        let read = |name| fs::read(self.path(name)).ok();
        let [batch, history, compact, state, saved, text, base] = FORMS.map(read);
        Forms { batch, history, compact, state, saved, text, base }
    }
}

pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_packed_is_unpacked() {
        let parts: [&[u8]; 3] = [b"a", b"", b"bcd"];
        assert_eq!(unpack(&pack(&parts)), parts);
    }
}
