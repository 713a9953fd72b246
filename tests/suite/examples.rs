//! Every public type, trait and function has an example. Methods are shown by their types, or have one of their own.

use std::path::Path;

use crate::layers::files;

#[test]
fn every_public_item_has_an_example() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut missing = Vec::new();
    for file in files(&src) {
        let text = std::fs::read_to_string(&file).expect("a readable file");
        let path = file.strip_prefix(&src).expect("a file of src").display();
        missing.extend(without_example(&text).into_iter().map(|item| format!("{path}: {item}")));
    }
    assert!(missing.is_empty(), "without an example: {missing:#?}");
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
    let ends = |c: char| !(c.is_alphanumeric() || c == '_' || c == ' ');
    ["struct", "enum", "trait", "fn", "type"].contains(&kind).then(|| item.split(ends).next().unwrap_or(item).trim())
}

#[test]
fn items_are_found() {
    let text = "/// Words.\n///\n/// ```\n/// ```\n#[derive(\n    Debug,\n)]\npub struct Shown;\n/// Words.\npub enum Bare<T> {}\n\
                pub(crate) fn inner() {}\npub async fn go(a: u8) {}\nimpl Shown {\n    pub fn method(&self) {}\n}\n";
    assert_eq!(without_example(text), ["enum Bare", "async fn go"]);
}
