//! What only Unicode's tables know. In JavaScript they are those of its engine: ours would add 45 KB to what a browser loads.

#[cfg(all(feature = "wasm-lint", target_arch = "wasm32"))]
use engine as tables;
#[cfg(not(all(feature = "wasm-lint", target_arch = "wasm32")))]
use ours as tables;

pub(crate) use tables::{composed, lowercase};

/// The A-label of a label with other characters than ASCII. `None` where UTS 46 has none, or for ASCII that no host has.
pub(crate) fn to_ascii(label: &str) -> Option<String> {
    let is_usual = |c: char| !c.is_ascii() || c.is_ascii_alphanumeric() || "-_".contains(c);
    if label.chars().all(is_usual) { tables::to_ascii(label) } else { None }
}

/// The U-label of an A-label. `None` for another label, and for an A-label that no U-label has.
pub(crate) fn to_unicode(label: &str) -> Option<String> {
    let text = idna::punycode::decode_to_string(label.strip_prefix("xn--")?)?;
    (to_ascii(&text)? == label).then_some(text)
}

#[cfg(not(all(feature = "wasm-lint", target_arch = "wasm32")))]
mod ours {
    pub(super) fn to_ascii(label: &str) -> Option<String> {
        idna::domain_to_ascii_cow(label.as_bytes(), idna::AsciiDenyList::URL).ok().map(Into::into)
    }

    pub(crate) fn lowercase(text: &str) -> String {
        text.to_lowercase()
    }

    /// With composed characters (NFC).
    pub(crate) fn composed(text: &str) -> String {
        icu_normalizer::ComposingNormalizer::new_nfc().normalize(text).into_owned()
    }
}

#[cfg(all(feature = "wasm-lint", target_arch = "wasm32"))]
mod engine {
    use wasm_bindgen::prelude::*;

    #[wasm_bindgen]
    extern "C" {
        type URL;
        #[wasm_bindgen(constructor, catch)]
        fn new(url: &str) -> Result<URL, JsValue>;
        #[wasm_bindgen(method, getter)]
        fn hostname(this: &URL) -> String;

        type Text;
        #[wasm_bindgen(method, js_name = toLowerCase)]
        fn to_lower_case(this: &Text) -> String;
        /// Without an argument it is NFC.
        #[wasm_bindgen(method)]
        fn normalize(this: &Text) -> String;
    }

    /// The host of a URL goes through UTS 46 as `idna` does it. The label at the end keeps one of digits from being an
    /// IPv4 address.
    pub(super) fn to_ascii(label: &str) -> Option<String> {
        let host = URL::new(&format!("http://{label}.x")).ok()?.hostname();
        host.strip_suffix(".x").map(str::to_owned)
    }

    pub(crate) fn lowercase(text: &str) -> String {
        if text.is_ascii() {
            return text.to_ascii_lowercase();
        }
        JsValue::from_str(text).unchecked_into::<Text>().to_lower_case()
    }

    pub(crate) fn composed(text: &str) -> String {
        JsValue::from_str(text).unchecked_into::<Text>().normalize()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_and_back() {
        for (unicode, ascii) in
            [("bücher", "xn--bcher-kva"), ("straße", "xn--strae-oqa"), ("१२", "xn--e4bc"), ("☃", "xn--n3h")]
        {
            assert_eq!(to_ascii(unicode).unwrap(), ascii);
            assert_eq!(to_unicode(ascii).unwrap(), unicode);
        }
        assert_eq!(to_ascii("BÜCHER").unwrap(), "xn--bcher-kva");
        // What becomes ASCII, and would be an address.
        assert_eq!((to_ascii("ｂ").unwrap(), to_ascii("１２").unwrap()), ("b".into(), "12".into()));
    }

    #[test]
    fn what_has_no_other_form() {
        for label in ["\u{301}a", "ü b", "ü/b", "ü%41", "℀", "a\u{202e}b"] {
            assert_eq!(to_ascii(label), None, "{label}");
        }
        for label in ["example", "xn--", "xn--a", "xn--example-", "xn--bücher", "xn--BCHER-KVA"] {
            assert_eq!(to_unicode(label), None, "{label}");
        }
    }
}
