//! Replays files through a target, so that seeds and crashes run on stable.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Runs `target` on every file among the arguments, and on the files of every directory. A panic names its file.
pub fn replay(target: impl Fn(&[u8])) -> ExitCode {
    let mut files = Vec::new();
    for argument in std::env::args_os().skip(1) {
        collect(Path::new(&argument), &mut files);
    }
    files.sort();
    for file in &files {
        let data = std::fs::read(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        let named = Named(file);
        target(&data);
        std::mem::forget(named);
    }
    eprintln!("{} inputs replayed", files.len());
    if files.is_empty() { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

fn collect(path: &Path, files: &mut Vec<PathBuf>) {
    match std::fs::read_dir(path) {
        Ok(entries) => entries.flatten().for_each(|entry| collect(&entry.path(), files)),
        Err(_) => files.push(path.to_owned()),
    }
}

/// Says which file it was, if it is dropped by a panic.
struct Named<'a>(&'a Path);

impl Drop for Named<'_> {
    fn drop(&mut self) {
        eprintln!("while replaying {}", self.0.display());
    }
}
