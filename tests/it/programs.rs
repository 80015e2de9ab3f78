//! Runs the real programs, as users run them.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

/// What a program left behind.
#[derive(Debug)]
pub struct Ran {
    pub status: i32,
    pub out: String,
    pub err: String,
}

impl Ran {
    /// Fails the test with everything the program said, unless it exited with `status`.
    #[track_caller]
    pub fn exits(self, status: i32) -> Self {
        assert_eq!(self.status, status, "stdout:\n{}\nstderr:\n{}", self.out, self.err);
        self
    }

    /// Standard output as JSON.
    #[track_caller]
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {}", self.out))
    }
}

/// Runs `onrecord` in the folder `here`.
pub fn onrecord(here: &Path, arguments: &[&str]) -> Ran {
    run(env!("CARGO_BIN_EXE_onrecord"), here, arguments, b"")
}

/// Runs `onrecord` with `input` on its standard input.
pub fn onrecord_with(here: &Path, arguments: &[&str], input: &[u8]) -> Ran {
    run(env!("CARGO_BIN_EXE_onrecord"), here, arguments, input)
}

/// Runs `quotes` in the folder `here`.
pub fn quotes(here: &Path, arguments: &[&str]) -> Ran {
    run(env!("CARGO_BIN_EXE_quotes"), here, arguments, b"")
}

fn run(program: &str, here: &Path, arguments: &[&str], input: &[u8]) -> Ran {
    let mut child = Command::new(program)
        .args(arguments)
        .current_dir(here)
        .env_remove("RUST_LOG")
        .env_remove("NO_COLOR")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A program that refuses its arguments closes its input early.
    let _ = child.stdin.take().unwrap().write_all(input);
    let output = child.wait_with_output().unwrap();
    Ran {
        status: output.status.code().unwrap_or(-1),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}
