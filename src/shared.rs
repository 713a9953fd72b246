//! For tests: files that lie beside the repository and are not part of the package.

/// The text of `../shared/<path>`. Where it is not there, one line says what is skipped; with
/// `MAILPROOF_REQUIRE_SHARED` set, as in CI, that is a failure.
#[allow(clippy::print_stderr)]
pub(crate) fn shared(path: &str) -> Option<String> {
    let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared").join(path);
    let text = std::fs::read_to_string(&file).ok();
    if text.is_none() {
        assert!(std::env::var_os("MAILPROOF_REQUIRE_SHARED").is_none(), "../shared/{path} is absent");
        eprintln!("skipped: ../shared/{path} is not there");
    }
    text
}
