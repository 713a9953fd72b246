//! Instructions of each case, counted by valgrind, and its allocations: the same on a busy machine as on an idle one.
//!
//!   cargo bench --bench instructions                 counts, and fails where a case grew (`benches/instructions.txt`)
//!                                                    or its cost grows faster than its input
//!   cargo bench --bench instructions -- --write      writes the counts down
//!   cargo bench --bench instructions -- --only spf   those with `spf` in their names, and no comparison
//!
//! The C library is left out: what its allocator does depends on what was done before, and allocations are counted beside.
//! So is `aws-lc-rs`, whose code depends on the processor. The seed of the snapshot's hashes still differs from run to
//! run, far below the tolerance.
#![allow(missing_docs, clippy::print_stdout, clippy::print_stderr)]

mod cases;
mod support;

use std::alloc::System;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

use cases::Work;
use cases::growth::{self, Growth};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

#[global_allocator]
static GLOBAL: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// By how much a count may grow, in percent, and what is too little to tell.
const TOLERANCE: u64 = 5;
const NOISE: u64 = 40;
/// Instructions or octets below which a growth is not judged: what happens once outweighs what happens for each unit.
const SMALL: u64 = 20_000;

/// What one run costs.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
struct Cost {
    instructions: u64,
    allocations: u64,
    octets: u64,
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let only = arguments.iter().position(|argument| argument == "--only").and_then(|at| arguments.get(at + 1));
    let only = only.map_or("", String::as_str);
    if arguments.iter().any(|argument| argument == "--counted") {
        run_all(only);
        return ExitCode::SUCCESS;
    }
    let counts = match count(only) {
        Ok(counts) => counts,
        Err(error) => {
            eprintln!("nothing was counted: {error}");
            return ExitCode::FAILURE;
        }
    };
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/instructions.txt");
    if !only.is_empty() {
        print!("{}", written(&counts));
        return steep(&counts);
    }
    if arguments.iter().any(|argument| argument == "--write") {
        if let Err(error) = std::fs::write(&file, written(&counts)) {
            eprintln!("{}: {error}", file.display());
            return ExitCode::FAILURE;
        }
        return steep(&counts);
    }
    let text = std::fs::read_to_string(&file).unwrap_or_default();
    let grown = if text.contains(&compiler()) {
        compare(&read(&text), &counts)
    } else {
        // Another compiler writes other instructions; what grows faster than its input is told all the same.
        println!(
            "summary: not compared: benches/instructions.txt was counted with another compiler than {}",
            compiler()
        );
        false
    };
    if steep(&counts) == ExitCode::SUCCESS && !grown { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Tells what changed; whether something has to be done about it.
fn compare(known: &BTreeMap<String, Cost>, counts: &[(String, Cost)]) -> bool {
    let mut wrong = false;
    for (name, now) in counts {
        let Some(then) = known.get(name) else {
            println!("{name} is not in benches/instructions.txt");
            wrong = true;
            continue;
        };
        let percent = 100.0 * (now.instructions as f64 / then.instructions as f64 - 1.0);
        if now.instructions * 100 > (then.instructions + NOISE) * (100 + TOLERANCE) {
            println!("{name} grew by {percent:.1} %: {} instructions, were {}", now.instructions, then.instructions);
            wrong = true;
        } else if percent < -(TOLERANCE as f64) {
            println!("{name} shrank by {:.1} %", -percent);
        }
        if now.allocations > then.allocations + then.allocations / 20 {
            println!("{name} allocates {} times, did {} times", now.allocations, then.allocations);
            wrong = true;
        }
    }
    for name in known.keys().filter(|name| !counts.iter().any(|(counted, _)| counted == *name)) {
        println!("{name} is in benches/instructions.txt and is not counted");
        wrong = true;
    }
    if wrong {
        println!("if that is meant: cargo bench --bench instructions -- --write");
    } else {
        println!("summary: {} counts, none grew", counts.len());
    }
    wrong
}

/// Tells what grows faster than its input: instructions, or octets allocated.
fn steep(counts: &[(String, Cost)]) -> ExitCode {
    let counts: BTreeMap<&str, Cost> = counts.iter().map(|(name, cost)| (&**name, *cost)).collect();
    let mut status = ExitCode::SUCCESS;
    for growth in growth::ALL {
        let [small, large] = judged(growth);
        let of = |size| counts.get(&*growth_name(growth, size));
        let (Some(low), Some(high)) = (of(small), of(large)) else { continue };
        for (what, low, high) in
            [("instructions", low.instructions, high.instructions), ("octets", low.octets, high.octets)]
        {
            let cost = high as f64 / low.max(SMALL) as f64;
            if cost > growth.steepest {
                println!("{}: ten times the input costs {cost:.1} times the {what}", growth.name);
                status = ExitCode::FAILURE;
            }
        }
    }
    status
}

/// The two sizes that are compared.
fn judged(growth: &Growth) -> [usize; 2] {
    [growth.counted / 10, growth.counted]
}

fn growth_name(growth: &Growth, size: usize) -> String {
    format!("growth/{}/{size}", growth.name)
}

/// Runs this program again, under callgrind, which leaves a file for each call of [`counted`].
fn count(only: &str) -> Result<Vec<(String, Cost)>, String> {
    let program = std::env::current_exe().map_err(|error| error.to_string())?;
    let place = std::env::temp_dir().join(format!("mailproof-instructions-{}", std::process::id()));
    std::fs::create_dir_all(&place).map_err(|error| error.to_string())?;
    let out = place.join("count");
    let run = Command::new("valgrind")
        .args(["--tool=callgrind", "--quiet", "--zero-before=*::counted", "--dump-after=*::counted"])
        .arg(format!("--callgrind-out-file={}", out.display()))
        .arg(program)
        .args(["--counted", "--only", only])
        .env("LD_BIND_NOW", "1")
        .stderr(Stdio::inherit())
        .output();
    let result = match run {
        Err(error) => Err(format!("valgrind: {error}")),
        Ok(run) if !run.status.success() => Err(format!("valgrind: {}", run.status)),
        Ok(run) => collect(&String::from_utf8_lossy(&run.stdout), &out),
    };
    // What is left there is for nobody.
    let _ = std::fs::remove_dir_all(&place);
    result
}

/// The lines of the program's output with the instructions of the dumps that belong to them.
fn collect(told: &str, out: &Path) -> Result<Vec<(String, Cost)>, String> {
    let line = |(at, line): (usize, &str)| {
        let dump = PathBuf::from(format!("{}.{}", out.display(), at + 1));
        let text = std::fs::read_to_string(&dump).map_err(|error| format!("{}: {error}", dump.display()))?;
        let [name, allocations, octets] = line.split('\t').collect::<Vec<_>>()[..] else { return Err(line.to_owned()) };
        let number = |text: &str| text.trim().parse::<u64>().map_err(|error| format!("{text}: {error}"));
        let cost = Cost { instructions: own(&text), allocations: number(allocations)?, octets: number(octets)? };
        Ok((name.to_owned(), cost))
    };
    told.lines().enumerate().map(line).collect()
}

/// The instructions in a dump that are not those of the C library and its loader (the format is in valgrind's manual, "Callgrind Format
/// Specification"): objects are named once and then go by number; after `calls=` stands what the callee costs, which is
/// counted where it happens.
fn own(dump: &str) -> u64 {
    let mut libraries: Vec<&str> = Vec::new();
    let (mut is_own, mut is_call, mut sum) = (true, false, 0);
    for line in dump.lines() {
        if let Some(object) = line.strip_prefix("ob=").or(line.strip_prefix("cob=")) {
            let (number, name) = object.split_once(' ').unwrap_or((object, ""));
            if ["/libc.so", "/libc-", "/ld-linux"].iter().any(|library| name.contains(library)) {
                libraries.push(number);
            }
            if line.starts_with('o') {
                is_own = !libraries.contains(&number);
            }
        } else if line.starts_with("calls=") {
            is_call = true;
        } else if line.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '+' | '-' | '*')) {
            if is_own && !is_call {
                sum += line.split_whitespace().nth(1).and_then(|cost| cost.parse::<u64>().ok()).unwrap_or(0);
            }
            is_call = false;
        }
    }
    sum
}

/// Under callgrind: each case once without counting, so that tables are made, and once with.
fn run_all(only: &str) {
    for mut case in cases::all() {
        // The megabytes are for the clock; and what mail-auth takes is for the table alone.
        if case.name.contains(only) && !case.name.contains("/1m-") {
            run(&case.name, &mut case.ours, true);
        }
    }
    for growth in growth::ALL {
        for size in judged(growth) {
            let name = growth_name(growth, size);
            if name.contains(only) {
                run(&name, &mut (growth.make)(size), false);
            }
        }
    }
}

fn run(name: &str, work: &mut Work, warm: bool) {
    if warm {
        work.prepare()();
    }
    let mut prepared = work.prepare();
    let region = Region::new(GLOBAL);
    counted(&mut *prepared);
    let change = region.change();
    println!("{name}\t{}\t{}", change.allocations + change.reallocations, change.bytes_allocated);
}

#[inline(never)]
fn counted(run: &mut dyn FnMut()) {
    run();
}

fn written(counts: &[(String, Cost)]) -> String {
    let mut text = String::from(
        "# Instructions and allocations of one run of each case, and octets allocated. `.ci/run counts` fails where they grow.\n\
         # Renew: cargo bench --bench instructions -- --write\n",
    );
    let _ = writeln!(text, "# {}, {}", compiler(), version("valgrind"));
    for (name, cost) in counts {
        let _ = writeln!(text, "{name:<48} {:>12} {:>8} {:>10}", cost.instructions, cost.allocations, cost.octets);
    }
    text
}

fn compiler() -> String {
    version("rustc")
}

fn version(program: &str) -> String {
    let run = Command::new(program).arg("--version").output();
    run.map_or_else(|_| program.to_owned(), |run| String::from_utf8_lossy(&run.stdout).trim().to_owned())
}

fn read(text: &str) -> BTreeMap<String, Cost> {
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    let cost = |line: &str| {
        let [name, instructions, allocations, octets] = line.split_whitespace().collect::<Vec<_>>()[..] else {
            return None;
        };
        let number = |text: &str| text.parse().ok();
        let cost =
            Cost { instructions: number(instructions)?, allocations: number(allocations)?, octets: number(octets)? };
        Some((name.to_owned(), cost))
    };
    lines.filter_map(cost).collect()
}
