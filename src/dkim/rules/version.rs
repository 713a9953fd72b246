//! The version tag of a key record.

use super::context::Context;
use crate::dkim::key_defect::DefectKind;
use crate::finding::{Edit, Findings, Fix, rules};

rules! {
    /// # The version of the key record is another one
    ///
    /// If `v` is there, its value must be `DKIM1`. Verifiers ignore a record with any other value, as if there were no key.
    ///
    /// ```dkim-key bad
    /// v=DKIM2; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=
    /// ```
    ///
    /// ```dkim-key good
    /// v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=
    /// ```
    VERSION_WRONG = "dkim-key-version-wrong", Error, Permerror, ["RFC 6376 §3.6.1"],
        "the version is `{value}` and must be exactly `DKIM1`, so verifiers ignore the whole record";

    /// # The version is not written in capitals
    ///
    /// The value of `v` is compared with regard to case. Verifiers ignore a record with `v=dkim1`.
    ///
    /// ```dkim-key bad
    /// v=dkim1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=
    /// ```
    ///
    /// ```dkim-key good
    /// v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=
    /// ```
    VERSION_CASE = "dkim-key-version-case", Error, Permerror, ["RFC 6376 §3.6.1"],
        "`{value}` is not `DKIM1`: the value is case-sensitive, so verifiers ignore the whole record";

    /// # The version is not the first tag
    ///
    /// If `v` is there, it must be the first tag of the record. Strict verifiers ignore a record where it is not.
    ///
    /// ```dkim-key bad
    /// k=ed25519; v=DKIM1; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=
    /// ```
    ///
    /// ```dkim-key good
    /// v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=
    /// ```
    VERSION_NOT_FIRST = "dkim-key-version-not-first", Error, Permerror, ["RFC 6376 §3.6.1"],
        "`v` is not the first tag, so strict verifiers ignore the whole record";

    /// # There is no version
    ///
    /// Without `v` the record counts as `DKIM1`. It is recommended to write it, so that people and tools see what the record is.
    ///
    /// ```dkim-key bad
    /// k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=
    /// ```
    ///
    /// ```dkim-key good
    /// v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=
    /// ```
    VERSION_MISSING = "dkim-key-version-missing", Note, Ok, ["RFC 6376 §3.6.1"],
        "the key record has no `v`, so it counts as `DKIM1`";
}

pub(super) fn check(cx: &Context<'_>, out: &mut Findings) {
    let Some(version) = cx.tag("v") else {
        missing(cx, out);
        return;
    };
    let value = cx.slice(version.value);
    // Other rules tell what has been added to the value.
    let spoiled = cx.is_pasted(version.value) || !cx.swallowed(version).is_empty();
    if value == "DKIM1" || spoiled {
    } else if value.eq_ignore_ascii_case("DKIM1") {
        out.report(&VERSION_CASE, cx.label(version.value))
            .quote("value")
            .fix(Fix::machine("write `DKIM1`", [Edit::replace(version.value, "DKIM1")]));
    } else {
        let found = out.report(&VERSION_WRONG, cx.label(version.value)).quote("value");
        if cx.tag("p").is_some() {
            found.fix(Fix::maybe("write `DKIM1`", [Edit::replace(version.value, "DKIM1")]));
        }
    }
    if cx.key.defects.iter().any(|defect| defect.kind == DefectKind::VersionNotFirst) {
        let whole = version.name.to(version.value);
        let found = out.report(&VERSION_NOT_FIRST, cx.label(whole));
        let start = cx.text().len() - cx.text().trim_start().len();
        if value == "DKIM1" {
            found.fix(Fix::machine(
                "move the version to the front",
                [Edit::insert(start, "v=DKIM1; "), cx.without(whole)],
            ));
        }
    }
}

fn missing(cx: &Context<'_>, out: &mut Findings) {
    let Some(first) = cx.key.tags.first() else { return };
    // A `v` that is only spoiled is told by the rule about what spoils it.
    let text = cx.text().trim_start();
    if text.starts_with(super::context::PASTED) || text.starts_with("V") || cx.is_swallowed("v") {
        return;
    }
    let start = first.name.start as usize;
    if cx.tag("p").is_some() && start + text.len() == cx.text().len() {
        out.report(&VERSION_MISSING, cx.label(first.name))
            .fix(Fix::machine("begin with the version", [Edit::insert(start, "v=DKIM1; ")]));
    }
}
