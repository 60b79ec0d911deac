//! Replays a trace in one mode, timed, and compares the text with the trace's own.

use std::time::{Duration, Instant};

use serde_json::{json, Map, Value};
use sha2::{Digest, Sha256};

use crate::memory;
use crate::peer::{Peer, READER};
use crate::trace::Trace;
use crate::updates::{hex, unpack, Inputs};
use crate::Result;

pub struct Options {
    pub mode: String,
    pub repeat: usize,
    /// No run is begun after that long, but for the first.
    pub budget: Duration,
    pub clock: Clock,
    pub cache: String,
    pub form: String,
}

/// What times are of: time that passes, or processor time of this thread, which does not pass while
/// others have the processor.
#[derive(Clone, Copy)]
pub enum Clock {
    Wall,
    Processor,
}

impl Clock {
    pub fn named(name: &str) -> Result<Clock> {
        match name {
            "wall" => Ok(Clock::Wall),
            "processor" => Ok(Clock::Processor),
            _ => Err(format!("there is no clock {name}").into()),
        }
    }

    fn now_ms(self) -> f64 {
        let id = match self {
            Clock::Wall => libc::CLOCK_MONOTONIC,
            Clock::Processor => libc::CLOCK_THREAD_CPUTIME_ID,
        };
        let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
        // Both clocks exist, so this cannot fail.
        unsafe { libc::clock_gettime(id, &mut time) };
        time.tv_sec as f64 * 1e3 + time.tv_nsec as f64 / 1e6
    }
}

/// Timed runs of one thing, and the memory that one run took.
#[derive(Default)]
struct Runs {
    ms: Vec<f64>,
    peak: usize,
    steady: usize,
}

impl Runs {
    /// Runs `make` until there are enough times; `check` looks at what each run made.
    fn time<T>(
        options: &Options,
        mut make: impl FnMut() -> T,
        mut check: impl FnMut(&T) -> Result<()>,
    ) -> Result<Runs> {
        let mut runs = Runs::default();
        let begin = Instant::now();
        while runs.ms.is_empty()
            || (runs.ms.len() < options.repeat && begin.elapsed() < options.budget)
        {
            let before = memory::live();
            memory::reset_peak();
            let start = options.clock.now_ms();
            let made = make();
            runs.ms.push(options.clock.now_ms() - start);
            runs.peak = memory::peak() - before;
            runs.steady = memory::live() - before;
            check(&made)?;
        }
        Ok(runs)
    }

    fn median(&self) -> f64 {
        let mut sorted = self.ms.clone();
        sorted.sort_by(f64::total_cmp);
        let middle = sorted.len() / 2;
        if sorted.len() % 2 == 1 {
            sorted[middle]
        } else {
            (sorted[middle - 1] + sorted[middle]) / 2.0
        }
    }

    fn min(&self) -> f64 {
        self.ms.iter().copied().fold(f64::INFINITY, f64::min)
    }
}

fn rounded(ms: f64) -> f64 {
    (ms * 1000.0).round() / 1000.0
}

/// A run ended in another text than the trace.
#[derive(Debug)]
pub struct WrongText(String);

impl std::fmt::Display for WrongText {
    fn fmt(&self, formatter: &mut std::fmt::Formatter) -> std::fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl std::error::Error for WrongText {}

fn compare(text: &str, trace: &Trace) -> Result<()> {
    if text == trace.end {
        return Ok(());
    }
    let same = text.chars().zip(trace.end.chars()).take_while(|(a, b)| a == b).count();
    let name = &trace.name;
    let words = format!("{name}: the text differs from the trace's at code point {same}");
    Err(WrongText(words).into())
}

/// Compares the text of a document in whose middle a character was inserted.
fn compare_edited(text: &str, trace: &Trace) -> Result<()> {
    let mut same = text.bytes().zip(trace.end.bytes()).take_while(|(a, b)| a == b).count();
    // Where an x already stood, the inserted one may seem to be a later one.
    while !text.is_char_boundary(same) {
        same -= 1;
    }
    if text.len() == trace.end.len() + 1
        && text[same..].starts_with('x')
        && text[same + 1..] == trace.end[same..]
    {
        return Ok(());
    }
    Err(WrongText(format!("{}: the text of the loaded document is wrong", trace.name)).into())
}

fn basics<P: Peer>(options: &Options, trace: &Trace) -> Map<String, Value> {
    let about = P::ABOUT;
    let what = match options.mode.as_str() {
        "local" => about.local,
        "merge" => about.merge,
        "batch" => about.batch,
        _ => about.load,
    };
    let fields = json!({
        "trace": trace.name,
        "engine": about.name,
        "version": about.version,
        "mode": options.mode,
        "form": options.form,
        "what": what,
        "ok": true,
        "transactions": trace.transactions.len(),
        "patches": trace.patch_count(),
        "events": trace.events(),
        "final_chars": trace.end.chars().count(),
        "text_sha256": hex(&Sha256::digest(trace.end.as_bytes())),
    });
    match fields {
        Value::Object(fields) => fields,
        _ => unreachable!(),
    }
}

fn add_times(fields: &mut Map<String, Value>, runs: &Runs) {
    fields.insert("runs".into(), json!(runs.ms.len()));
    fields.insert("ms_median".into(), json!(rounded(runs.median())));
    fields.insert("ms_min".into(), json!(rounded(runs.min())));
}

fn add_memory(fields: &mut Map<String, Value>, runs: &Runs) {
    fields.insert("peak_bytes".into(), json!(runs.peak));
    fields.insert("steady_bytes".into(), json!(runs.steady));
}

/// Returns the report, or None where the engine has no such mode.
pub fn replay<P: Peer>(options: &Options, trace: &Trace) -> Result<Option<Value>> {
    let mut fields = basics::<P>(options, trace);
    let inputs = Inputs::new::<P>(&options.cache, &trace.name)?;
    let done = match options.mode.as_str() {
        "local" => local::<P>(options, trace, &mut fields)?,
        _ if P::ONLY_LOCAL => false,
        "merge" => merge::<P>(options, trace, &inputs, &mut fields)?,
        "batch" => batch::<P>(options, trace, &inputs, &mut fields)?,
        "load" => load::<P>(options, trace, &inputs, &mut fields)?,
        mode => return Err(format!("there is no mode {mode}").into()),
    };
    Ok(done.then_some(Value::Object(fields)))
}

type Fields = Map<String, Value>;

fn local<P: Peer>(options: &Options, trace: &Trace, fields: &mut Fields) -> Result<bool> {
    if !trace.is_linear() {
        return Ok(false);
    }
    let patches = trace.patches_in(P::WIDTH)?;
    let runs = Runs::time(
        options,
        || {
            let mut document = P::new(0);
            document.edit(&patches);
            document
        },
        |document| compare(&document.text(), trace),
    )?;
    add_times(fields, &runs);
    add_memory(fields, &runs);
    Ok(true)
}

fn merge<P: Peer>(
    options: &Options,
    trace: &Trace,
    inputs: &Inputs,
    fields: &mut Fields,
) -> Result<bool> {
    inputs.make::<P>(trace)?;
    let packed = inputs.packed_updates()?;
    let updates = unpack(&packed);
    let mut steady = 0;
    let runs = Runs::time(
        options,
        || {
            let mut document = P::new(READER);
            for update in &updates {
                document.receive(update);
            }
            let text = document.text();
            (document, text)
        },
        |(_, text)| {
            steady = text.capacity();
            compare(text, trace)
        },
    )?;
    add_times(fields, &runs);
    add_memory(fields, &Runs { steady: runs.steady - steady, ..runs });
    fields.insert("updates".into(), json!(updates.len()));
    fields.insert("update_bytes".into(), json!(packed.len() - 4 * updates.len()));
    Ok(true)
}

fn batch<P: Peer>(
    options: &Options,
    trace: &Trace,
    inputs: &Inputs,
    fields: &mut Fields,
) -> Result<bool> {
    inputs.make::<P>(trace)?;
    let Some(history) = inputs.forms().batch else { return Ok(false) };
    let mut text_bytes = 0;
    let runs = Runs::time(
        options,
        || {
            let mut document = P::new(READER);
            document.receive_history(&history);
            let text = document.text();
            (document, text)
        },
        |(_, text)| {
            text_bytes = text.capacity();
            compare(text, trace)
        },
    )?;
    add_times(fields, &runs);
    add_memory(fields, &Runs { steady: runs.steady - text_bytes, ..runs });
    fields.insert("batch_bytes".into(), json!(history.len()));
    Ok(true)
}

fn load<P: Peer>(
    options: &Options,
    trace: &Trace,
    inputs: &Inputs,
    fields: &mut Fields,
) -> Result<bool> {
    inputs.make::<P>(trace)?;
    let forms = inputs.forms();
    if let Some(bytes) = &forms.text {
        let runs = Runs::time(options, || P::load_text(bytes), |text| compare(text, trace))?;
        add_times(fields, &runs);
        fields.insert("text_bytes".into(), json!(bytes.len()));
        fields.insert("text_peak_bytes".into(), json!(runs.peak));
    }
    if let Some(saved) = &forms.saved {
        let loads = Runs::time(
            options,
            || P::load(saved),
            |document| compare_edited(&document.text(), trace),
        )?;
        fields.insert("ms_editable".into(), json!(rounded(loads.median())));
        add_memory(fields, &loads);
        let document = P::load(saved);
        let saves = Runs::time(options, || document.save(), |_| Ok(()))?;
        fields.insert("ms_save".into(), json!(rounded(saves.median())));
        fields.insert("file_bytes".into(), json!(saved.len()));
    }
    fields.insert("sizes".into(), json!(P::ABOUT.sizes));
    let sized = [("history", &forms.history), ("compact", &forms.compact), ("state", &forms.state)];
    for (name, form) in sized {
        if let Some(bytes) = form {
            let packed = zstd::bulk::compress(bytes, 19)?.len();
            fields.insert(format!("{name}_bytes"), json!(bytes.len()));
            fields.insert(format!("{name}_zstd_bytes"), json!(packed));
        }
    }
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn processor_time_does_not_pass_while_the_thread_sleeps() {
        let (wall, processor) = (Clock::Wall.now_ms(), Clock::Processor.now_ms());
        std::thread::sleep(Duration::from_millis(50));
        assert!(Clock::Wall.now_ms() - wall >= 50.0);
        assert!(Clock::Processor.now_ms() - processor < 25.0);
        assert!(Clock::named("sun").is_err());
    }
}
