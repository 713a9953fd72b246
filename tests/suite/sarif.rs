//! SARIF as OASIS says it (SARIF 2.1.0): the objects that are written, with the properties that they must and may have.

use std::sync::OnceLock;

use boon::{Compiler, SchemaIndex, Schemas};
use serde_json::{Value, json};

/// §3.13 to §3.57, as far as it is written here. Each object is closed, as in the standard.
fn standard() -> Value {
    let object = |required: &[&str], properties: Value| json!({"type": "object", "required": required, "properties": properties, "additionalProperties": false});
    let of = |name: &str| json!({"$ref": format!("#/$defs/{name}")});
    let unique = |name: &str| json!({"type": "array", "uniqueItems": true, "items": of(name)});
    let level = json!({"enum": ["none", "note", "warning", "error"]});
    let counted = json!({"type": "integer", "minimum": 1});
    let text = json!({"type": "string"});
    json!({
        "$ref": "#/$defs/log",
        "$defs": {
            "log": object(&["version", "runs"], json!({"$schema": {"const": "https://json.schemastore.org/sarif-2.1.0.json"}, "version": {"const": "2.1.0"}, "runs": {"type": "array", "items": of("run"), "minItems": 1}})),
            "run": object(&["tool", "results"], json!({"tool": object(&["driver"], json!({"driver": of("driver")})), "invocations": {"type": "array", "items": object(&["executionSuccessful"], json!({"executionSuccessful": {"type": "boolean"}}))}, "columnKind": {"enum": ["utf16CodeUnits", "unicodeCodePoints"]}, "results": {"type": "array", "items": of("result")}, "properties": {"type": "object"}})),
            "driver": object(&["name"], json!({"name": text, "version": text, "informationUri": {"type": "string", "pattern": "^https://"}, "rules": unique("rule")})),
            "rule": object(&["id"], json!({"id": text, "shortDescription": of("message"), "help": object(&["text"], json!({"text": text, "markdown": text})), "defaultConfiguration": object(&[], json!({"level": level}))})),
            "message": object(&["text"], json!({"text": text})),
            "result": object(&["message", "ruleId", "ruleIndex", "locations"], json!({"ruleId": text, "ruleIndex": {"type": "integer", "minimum": 0}, "level": level, "message": of("message"), "locations": {"type": "array", "items": of("location"), "minItems": 1}, "relatedLocations": unique("location"), "fixes": unique("fix")})),
            "location": object(&[], json!({"physicalLocation": object(&["artifactLocation"], json!({"artifactLocation": of("artifact"), "region": of("region")})), "logicalLocations": unique("logical"), "message": of("message")})),
            "artifact": object(&["uri"], json!({"uri": {"type": "string", "pattern": "^[A-Za-z0-9._~/!$&'()*+,;=@%-]+$"}})),
            "region": object(&["startLine"], json!({"startLine": counted, "startColumn": counted, "endLine": counted, "endColumn": counted})),
            "logical": object(&[], json!({"fullyQualifiedName": text, "kind": text})),
            "fix": object(&["artifactChanges"], json!({"description": of("message"), "artifactChanges": {"type": "array", "minItems": 1, "items": object(&["artifactLocation", "replacements"], json!({"artifactLocation": of("artifact"), "replacements": {"type": "array", "minItems": 1, "items": object(&["deletedRegion"], json!({"deletedRegion": of("region"), "insertedContent": of("message")}))}}))}})),
        },
    })
}

/// Whether it is a log of the standard, and each result names its rule.
#[track_caller]
pub(crate) fn hold(log: &Value) {
    static COMPILED: OnceLock<(Schemas, SchemaIndex)> = OnceLock::new();
    let (schemas, index) = COMPILED.get_or_init(|| {
        let (mut compiler, mut schemas) = (Compiler::new(), Schemas::new());
        compiler.add_resource("sarif.json", standard()).unwrap();
        let index = compiler.compile("sarif.json", &mut schemas).unwrap();
        (schemas, index)
    });
    if let Err(why) = schemas.validate(log, *index) {
        panic!("no SARIF: {why:#}");
    }
    let run = &log["runs"][0];
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    for result in run["results"].as_array().unwrap() {
        let rule = &rules[usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap()];
        assert_eq!(rule["id"], result["ruleId"]);
        assert!(!rule["help"]["text"].as_str().unwrap().is_empty());
    }
}

/// A fix of a zone file, applied as a reader of SARIF does, mends the file.
#[test]
fn fixes_mend_the_file() {
    use mailproof::report::sarif::{Located, log};
    let text = "$ORIGIN d.example.\n@ TXT ( \"v=spf1 ipv4:192.0.2.1 \" ; a comment\n  \"a:\\\"x -all\" )\n_dmarc TXT \"v=DMARC1; p=reject; ruf=a@d.example\"\n";
    let linted = mailproof::zone_file::lint(text, &mailproof::Name::root()).unwrap();
    let typo = linted.findings.iter().find(|placed| placed.finding.code == "spf-mechanism-typo").unwrap();
    let fix = &typo.fixes[0];
    let regions = |fix: &mailproof::zone_file::PlacedFix| -> Vec<([u32; 4], String)> {
        fix.edits.iter().map(|(at, text)| ([at.line, at.column, at.end_line, at.end_column], text.clone())).collect()
    };
    let [(region, inserted)] = &regions(fix)[..] else { panic!("{fix:?}") };
    let lines: Vec<&str> = text.lines().collect();
    let line = lines[region[0] as usize - 1];
    let mended = format!("{}{inserted}{}", &line[..region[1] as usize - 1], &line[region[3] as usize - 1..]);
    assert_eq!(mended, "@ TXT ( \"v=spf1 ip4:192.0.2.1 \" ; a comment");
    let all = linted.findings.iter().map(|placed| {
        let place = placed.place;
        let one =
            Located::new(&placed.finding).at("a b.zone", [place.line, place.column, place.end_line, place.end_column]);
        placed.fixes.iter().fold(one, |one, fix| one.fix(&placed.finding.fixes[fix.fix], regions(fix)))
    });
    let log = serde_json::to_value(log(all)).unwrap();
    hold(&log);
    assert_eq!(
        log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"],
        "a%20b.zone"
    );
}
