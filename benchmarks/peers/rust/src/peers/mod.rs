pub mod automerge;
pub mod cola;
pub mod diamond_types;
pub mod jumprope;
pub mod loro;
pub mod yrs;
