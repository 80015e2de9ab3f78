//! What a process took: time, processor time, memory.

use std::error::Error;
use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// Linux counts processor time in hundredths of a second, on every machine.
const TICKS_A_SECOND: f64 = 100.0;
/// How often a process is asked for its largest memory, which goes with it.
const LOOK: Duration = Duration::from_millis(10);

/// What a process took from start to end.
#[derive(Debug, Clone, Copy)]
pub struct Cost {
    /// On the wall, in seconds.
    seconds: f64,
    /// On all cores, of the program and the system for it, in seconds.
    cpu_seconds: f64,
    /// The most memory at one time, shared files included, in MB.
    pub peak_mb: f64,
}

impl Cost {
    /// Processor time a page, in milliseconds.
    pub fn ms_a_page(&self, pages: u64) -> f64 {
        self.cpu_seconds * 1000.0 / pages as f64
    }

    /// For people.
    pub fn in_words(&self, pages: u64) -> String {
        format!(
            "{pages} pages in {:.1} s, {:.0} pages/s, {:.2} CPU ms a page, {:.2} cores, {:.0} MB",
            self.seconds,
            pages as f64 / self.seconds,
            self.ms_a_page(pages),
            self.cpu_seconds / self.seconds,
            self.peak_mb
        )
    }
}

/// Runs the command, gives every line of its standard error to `line`, and says what it took. That
/// it ends with a status of failure is left to who knows what it means.
pub fn of(command: &mut Command, mut line: impl FnMut(&str)) -> Result<Cost, Box<dyn Error>> {
    let (begun, before) = (Instant::now(), ended_children()?);
    let mut process = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn()?;
    let status = format!("/proc/{}/status", process.id());
    let errors = process.stderr.take().ok_or("the process has no standard error")?;
    let running = AtomicBool::new(true);
    let peak_kb = thread::scope(|scope| -> Result<u64, Box<dyn Error>> {
        let watch = scope.spawn(|| {
            let mut peak = 0;
            while running.load(Ordering::Relaxed) {
                peak = peak.max(peak_kb(&status).unwrap_or(0));
                thread::sleep(LOOK);
            }
            peak
        });
        let told = BufReader::new(errors).lines().try_for_each(|text| text.map(|it| line(&it)));
        running.store(false, Ordering::Relaxed);
        told?;
        watch.join().map_err(|_| "the watch over the memory failed".into())
    })?;
    process.wait()?;
    Ok(Cost {
        seconds: begun.elapsed().as_secs_f64(),
        cpu_seconds: ended_children()? - before,
        peak_mb: peak_kb as f64 / 1000.0,
    })
}

/// `VmHWM` of a process that runs.
fn peak_kb(status: &str) -> Option<u64> {
    let text = fs::read_to_string(status).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.split_whitespace().next()?.parse().ok()
}

/// Processor time of all children of this process that have ended, in seconds.
fn ended_children() -> Result<f64, Box<dyn Error>> {
    let text = fs::read_to_string("/proc/self/stat")?;
    // The name in brackets may hold spaces; behind it, user and system time of ended children are
    // the 14th and 15th field (proc(5) counts from the process id: 16 and 17).
    let (_, fields) = text.rsplit_once(')').ok_or("/proc/self/stat is in another form")?;
    let ticks = fields.split_whitespace().skip(13).take(2).map(str::parse::<f64>);
    Ok(ticks.sum::<Result<f64, _>>()? / TICKS_A_SECOND)
}
