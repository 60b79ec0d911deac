//! Replays editing traces with other engines and reports JSON as `cotext replay` does.

mod diff;
mod memory;
mod peer;
mod peers;
mod rebase;
mod replay;
mod rga;
mod trace;
mod updates;

use std::process::ExitCode;
use std::time::Duration;

use peer::Peer;
use trace::Trace;

pub type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

#[global_allocator]
static ALLOCATOR: memory::Counting = memory::Counting;

const USAGE: &str = "\
usage: cotext-peers list
       cotext-peers replay ENGINE MODE TRACE CACHE [--repeat N] [--budget SECONDS]
                    [--clock wall|processor] [--form WORDS]
       cotext-peers rebase ENGINE TRACE OUTPUT

MODE: local   each patch as a local edit, in the fastest way that the engine documents
      merge   an update per transaction, each decoded and applied on its own, then the text
      batch   the whole history in one piece, then the text
      load    the saved document up to its text, and up to a document that can be edited;
              how long saving takes; sizes
Prints a JSON object; nothing where an engine has no such mode, or the trace does not allow it.
Updates and saved documents are made before the clock runs, and kept in the folder CACHE. rebase
writes the trace in the form that an engine with another rule for concurrent inserts needs, and
prints how many transactions' patches it made anew.
Exit code: 0 if all texts are right, 1 if one differs, 2 if something cannot be read or done.";

fn run<P: Peer>(arguments: &[String]) -> Result<()> {
    let option = |name: &str| {
        let at = arguments.iter().position(|argument| argument == name)?;
        arguments.get(at + 1).cloned()
    };
    let number = |name: &str, otherwise: u64| -> Result<u64> {
        Ok(option(name).map_or(Ok(otherwise), |value| value.parse())?)
    };
    match arguments {
        [verb, _, path, output, ..] if verb == "rebase" => {
            let (form, anew) = rebase::rebase::<P>(&Trace::read(path)?)?;
            form.write(output)?;
            println!(
                "{}",
                serde_json::json!({ "trace": path, "engine": P::ABOUT.name,
                "transactions": form.transactions.len(), "rebased": anew })
            );
        }
        [verb, _, mode, path, cache, ..] if verb == "replay" => {
            let options = replay::Options {
                mode: mode.clone(),
                repeat: number("--repeat", 1)? as usize,
                budget: Duration::from_secs(number("--budget", 3600)?),
                clock: replay::Clock::named(&option("--clock").unwrap_or_else(|| "wall".into()))?,
                cache: cache.clone(),
                form: option("--form").unwrap_or_else(|| "as it is".into()),
            };
            if let Some(report) = replay::replay::<P>(&options, &Trace::read(path)?)? {
                println!("{report}");
            }
        }
        _ => return Err(USAGE.into()),
    }
    Ok(())
}

struct Engine {
    name: &'static str,
    version: &'static str,
    run: fn(&[String]) -> Result<()>,
}

fn engines() -> Vec<Engine> {
    fn entry<P: Peer>() -> Engine {
        Engine { name: P::ABOUT.name, version: P::ABOUT.version, run: run::<P> }
    }
    vec![
        entry::<peers::diamond_types::DiamondTypes>(),
        entry::<peers::yrs::Yrs>(),
        entry::<peers::automerge::AutomergePeer>(),
        entry::<peers::loro::Loro>(),
        entry::<peers::cola::Cola>(),
        entry::<peers::jumprope::Unbuffered>(),
        entry::<peers::jumprope::Buffered>(),
    ]
}

fn main() -> ExitCode {
    memory::keep_freed();
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments == ["list"] {
        engines().iter().for_each(|engine| println!("{} {}", engine.name, engine.version));
        return ExitCode::SUCCESS;
    }
    let name = arguments.get(1).map_or("", |name| name);
    let Some(engine) = engines().into_iter().find(|engine| engine.name == name) else {
        eprintln!("{USAGE}");
        return ExitCode::from(2);
    };
    match (engine.run)(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("cotext-peers: {error}");
            ExitCode::from(if error.is::<replay::WrongText>() { 1 } else { 2 })
        }
    }
}
