//! A trace's form for an engine with another rule for concurrent inserts at one place: it reaches
//! the text that the trace means (`rga::Texts`) after every transaction. Patches that lead there
//! from the engine's own merged state stay; others are made anew, as the difference of the texts.

use crate::diff::{diff, Edit};
use crate::peer::Peer;
use crate::rga::Texts;
use crate::trace::{Patch, Trace};
use crate::updates::Replicas;
use crate::Result;

/// Returns the form, and how many transactions' patches were made anew.
pub fn rebase<P: Peer>(trace: &Trace) -> Result<(Trace, usize)> {
    let patches = trace.patches_in(P::WIDTH)?;
    let mut texts = Texts::new(trace);
    let mut replicas = Replicas::<P>::new(trace);
    let mut form = Trace::empty(&trace.name, trace.agents);
    form.end = trace.end.clone();
    let mut anew = 0;
    for transaction in &trace.transactions {
        let meant = texts.next()?;
        form.add(transaction.agent, transaction.parents.clone());
        replicas.next(|replica| {
            let merged: Vec<char> = replica.text().chars().collect();
            let own = &patches[transaction.patches.clone()];
            let edits = if apply(&merged, own).is_some_and(|text| text == meant) {
                own.iter().map(edit).collect()
            } else {
                anew += 1;
                diff(&merged, &meant)
            };
            for Edit { position, deleted, inserted } in &edits {
                form.add_patch(Patch { position: *position, deleted: *deleted, inserted });
            }
            Ok(edits)
        })?;
    }
    Ok((form, anew))
}

fn edit(patch: &Patch) -> Edit {
    let Patch { position, deleted, inserted } = *patch;
    Edit { position, deleted, inserted: inserted.to_string() }
}

/// Returns the text after the patches, if their positions are in range.
fn apply(text: &[char], patches: &[Patch]) -> Option<Vec<char>> {
    let mut text = text.to_vec();
    for patch in patches {
        let range = patch.position..patch.position + patch.deleted;
        text.get(range.clone())?;
        text.splice(range, patch.inserted.chars());
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::peers::automerge::AutomergePeer;
    use crate::peers::diamond_types::DiamondTypes;
    use crate::peers::loro::Loro;
    use crate::peers::yrs::Yrs;
    use crate::updates;

    // Agents 1 and 2 both insert behind "a", and agent 0 then edits what it sees of that.
    const TIES: &str = r#"{"kind":"concurrent","endContent":"ayxQc","numAgents":3,"txns":[
        {"parents":[],"agent":0,"patches":[[0,0,"ac"]]},
        {"parents":[0],"agent":1,"patches":[[1,0,"x"]]},
        {"parents":[0],"agent":2,"patches":[[1,0,"y"]]},
        {"parents":[1,2],"agent":0,"patches":[[3,0,"Q"]]},
        {"parents":[3],"agent":1,"patches":[]}]}"#;

    fn reaches_the_end<P: Peer>() -> usize {
        let trace = Trace::parse(TIES.as_bytes(), "ties").unwrap();
        let (form, anew) = rebase::<P>(&trace).unwrap();
        let updates = updates::make::<P>(&form).unwrap();
        let mut document = P::new(crate::peer::READER);
        for update in &updates {
            document.receive(update);
        }
        assert_eq!(document.text(), trace.end, "{}", P::ABOUT.name);
        anew
    }

    #[test]
    fn an_engine_with_the_same_rule_keeps_the_trace() {
        assert_eq!(reaches_the_end::<AutomergePeer>(), 0);
    }

    #[test]
    fn engines_with_another_rule_get_a_form_of_their_own() {
        assert_eq!(reaches_the_end::<Yrs>(), 1);
        assert_eq!(reaches_the_end::<DiamondTypes>(), 1);
        assert_eq!(reaches_the_end::<Loro>(), 1);
    }
}
