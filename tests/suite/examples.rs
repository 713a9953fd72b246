//! Every public type, trait and function has an example, and every public method is called in one beside it: its own, that of its
//! type, or another one in the same folder.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::layers::files;

#[test]
fn every_public_item_has_an_example() {
    let missing: Vec<String> = sources()
        .iter()
        .flat_map(|(path, text)| {
            without_example(text).into_iter().map(move |item| format!("{}: {item}", path.display()))
        })
        .collect();
    assert!(missing.is_empty(), "without an example: {missing:#?}");
}

#[test]
fn every_public_method_is_called_in_an_example() {
    let sources = sources();
    let mut examples: BTreeMap<&Path, String> = BTreeMap::new();
    for (path, text) in &sources {
        examples.entry(path.parent().expect("a folder")).or_default().push_str(&code_of_examples(text));
    }
    let mut missing = Vec::new();
    for (path, text) in &sources {
        // Its examples are in JavaScript, and examples/npm runs them.
        if path.starts_with("wasm") {
            continue;
        }
        let shown = &examples[path.parent().expect("a folder")];
        let bare = public_methods(text).into_iter().filter(|method| !is_called(method, shown));
        missing.extend(bare.map(|method| format!("{}: {method}", path.display())));
    }
    assert!(missing.is_empty(), "not called in an example: {missing:#?}");
}

/// The files of `src` with their texts.
fn sources() -> Vec<(PathBuf, String)> {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let read = |file: PathBuf| {
        let text = std::fs::read_to_string(&file).expect("a readable file");
        (file.strip_prefix(&src).expect("a file of src").to_owned(), text)
    };
    files(&src).into_iter().map(read).collect()
}

/// The items at the outermost level of a file that have none. What is `pub` there is public (`unreachable_pub`).
fn without_example(text: &str) -> Vec<&str> {
    let (mut missing, mut example) = (Vec::new(), false);
    for line in text.lines() {
        if line.starts_with("///") {
            example |= line.contains("```");
        } else if let Some(item) = public_item(line) {
            if !example {
                missing.push(item);
            }
            example = false;
        } else if !line.starts_with(['#', ' ', ')', '/']) {
            // Attributes, of several lines too, and comments stand between an item and its documentation.
            example = false;
        }
    }
    missing
}

/// `struct Record` of `pub struct Record {`.
fn public_item(line: &str) -> Option<&str> {
    let item = line.strip_prefix("pub ")?;
    let kind = item.trim_start_matches("async ").trim_start_matches("const ").split(' ').next()?;
    ["struct", "enum", "trait", "fn", "type"]
        .contains(&kind)
        .then(|| item.split(ends_name).next().unwrap_or(item).trim())
}

fn ends_name(c: char) -> bool {
    !(c.is_alphanumeric() || c == '_' || c == ' ')
}

/// The names of what is `pub fn` inside an `impl`.
fn public_methods(text: &str) -> Vec<&str> {
    let before_tests = text.split("\n#[cfg(test)]\n").next().unwrap_or(text);
    before_tests.lines().filter_map(public_method).collect()
}

fn public_method(line: &str) -> Option<&str> {
    let item = line.strip_prefix("    pub ")?;
    let item = item.trim_start_matches("async ").trim_start_matches("const ").strip_prefix("fn ")?;
    item.split(ends_name).next()
}

/// The lines between the fences in documentation.
fn code_of_examples(text: &str) -> String {
    let (mut code, mut inside) = (String::new(), false);
    for line in text.lines() {
        let Some(line) = line.trim_start().strip_prefix("//").and_then(|line| line.strip_prefix(['/', '!'])) else {
            inside = false;
            continue;
        };
        if line.trim_start().starts_with("```") {
            inside = !inside;
        } else if inside {
            code.push_str(line);
            code.push('\n');
        }
    }
    code
}

/// Whether `code` has `.name(`, `.name::<`, or a path that ends in `::name`.
fn is_called(name: &str, code: &str) -> bool {
    code.match_indices(name).any(|(at, _)| {
        let (before, after) = (&code[..at], &code[at + name.len()..]);
        before.ends_with('.') && (after.starts_with('(') || after.starts_with("::<"))
            || before.ends_with("::") && !after.starts_with(|c: char| c.is_alphanumeric() || c == '_')
    })
}

#[test]
fn items_are_found() {
    let text = "/// Words.\n///\n/// ```\n/// ```\n#[derive(\n    Debug,\n)]\npub struct Shown;\n/// Words.\npub enum Bare<T> {}\n\
                pub(crate) fn inner() {}\npub async fn go(a: u8) {}\nimpl Shown {\n    pub fn method(&self) {}\n}\n";
    assert_eq!(without_example(text), ["enum Bare", "async fn go"]);
}

#[test]
fn calls_are_found() {
    let text = "/// ```\n/// a.shown(1).map(B::passed);\n/// a.field == a.near_miss\n/// ```\nimpl A {\n    pub fn shown(&self) {}\n    \
                pub const fn passed<T>(t: T) {}\n    pub fn field(&self) {}\n    pub fn miss(&self) {}\n}\n";
    let code = code_of_examples(text);
    let methods = public_methods(text);
    assert_eq!(methods, ["shown", "passed", "field", "miss"]);
    let called: Vec<&str> = methods.into_iter().filter(|name| is_called(name, &code)).collect();
    assert_eq!(called, ["shown", "passed"]);
}
