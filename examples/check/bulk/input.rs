//! Lines of input: domains, or JSON objects with a `domain` and its `selectors`. And where an earlier run ended.

use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, Read as _, Seek as _, SeekFrom};
use std::path::Path;

use mailproof::domain;

use crate::output::Failure;

/// A line of input; an error if it cannot be read.
pub(super) type Request = Result<domain::Input, Unreadable>;

/// A line that is no request.
pub(super) struct Unreadable {
    /// The line, as far as it is text.
    pub(super) line: String,
    pub(super) why: String,
}

/// Octets of a line: a domain has at most 253, and [`domain::MAX_SELECTORS`] selectors are not longer than this.
const MAX_LINE: usize = 65_536;

/// Requests, one from each line that is not blank.
pub(super) struct Lines<R> {
    from: R,
    buffer: Vec<u8>,
}

impl<R: BufRead> Lines<R> {
    pub(super) fn new(from: R) -> Self {
        Self { from, buffer: Vec::new() }
    }

    /// An error of the input ends it, as its end does.
    pub(super) fn next(&mut self) -> Option<Request> {
        loop {
            self.buffer.clear();
            let limit = MAX_LINE as u64 + 1;
            let read = (&mut self.from).take(limit).read_until(b'\n', &mut self.buffer).ok()?;
            if read == 0 {
                return None;
            }
            if self.buffer.len() > MAX_LINE && self.buffer.last() != Some(&b'\n') {
                self.skip_line();
                let line = String::from_utf8_lossy(&self.buffer[..100]).into_owned();
                return Some(Err(Unreadable { line, why: format!("it has more than {MAX_LINE} octets") }));
            }
            let line = String::from_utf8_lossy(&self.buffer);
            let line = line.trim();
            if !line.is_empty() {
                return Some(request(line));
            }
        }
    }

    fn skip_line(&mut self) {
        while let Ok(buffer) = self.from.fill_buf() {
            let (used, ended) = match buffer.iter().position(|b| *b == b'\n') {
                Some(at) => (at + 1, true),
                None => (buffer.len(), buffer.is_empty()),
            };
            self.from.consume(used);
            if ended {
                return;
            }
        }
    }
}

fn request(line: &str) -> Request {
    if !line.starts_with('{') {
        return Ok(domain::Input::new(line));
    }
    serde_json::from_str(line).map_err(|error| Unreadable { line: line.to_owned(), why: error.to_string() })
}

/// The file to go on with, at the end of its last whole line. The requests that it answers are taken from `input`.
pub(super) fn resume(path: &Path, input: &mut Lines<impl BufRead>) -> Result<File, Failure> {
    let name = path.display();
    let mut options = OpenOptions::new();
    let file = options.create(true).truncate(false).read(true).write(true).open(path);
    let mut file = file.map_err(|error| Failure::new(format!("{name}: {error}")))?;
    let mut reader = BufReader::new(&file);
    let mut line = Vec::new();
    let (mut whole, mut number) = (0, 0_u64);
    loop {
        line.clear();
        let read = reader.read_until(b'\n', &mut line)?;
        // A line without an end was being written when the run ended.
        if read == 0 || line.last() != Some(&b'\n') {
            break;
        }
        number += 1;
        let told = super::line::domain(&line);
        let told = told.ok_or_else(|| Failure::new(format!("{name}:{number}: this is no line of `check bulk`")))?;
        let asked = match input.next() {
            Some(Ok(asked)) => asked.domain,
            Some(Err(unreadable)) => unreadable.line,
            None => return Err(Failure::new(format!("{name} has more lines than the input has domains"))),
        };
        if asked != told {
            let why =
                format!("{name}:{number} is about `{told}`, but the input has `{asked}` there: it is another input");
            return Err(Failure::new(why));
        }
        whole += read as u64;
    }
    file.set_len(whole)?;
    file.seek(SeekFrom::Start(whole))?;
    Ok(file)
}
