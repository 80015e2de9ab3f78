//! `quotes`: answers questions about the collection.
//!
//! Arguments → library → exit code.

use std::io::{self, BufWriter};
use std::process::ExitCode;

use clap::Parser;
use onrecord::cli::exit::Exit;
use onrecord::cli::logging;
use onrecord::cli::quotes::{self, Arguments};

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    if let Err(error) = logging::set_up(&arguments.common) {
        eprintln!("quotes: {error}");
        return Exit::CouldNotRun.into();
    }
    match quotes::run(&arguments, &mut BufWriter::new(io::stdout().lock())) {
        Ok(exit) => exit.into(),
        Err(error) if error.is_closed_pipe() => Exit::Done.into(),
        Err(error) => {
            eprintln!("quotes: {error}");
            Exit::CouldNotRun.into()
        }
    }
}
