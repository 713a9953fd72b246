//! The octets of a message, as text where a form needs text.

/// The octets of a message. In JSON each octet is the character of its number (ISO 8859-1), so mail stays readable.
///
/// ```
/// use mailproof::report::RawMessage;
///
/// // An octet that is no UTF-8, as in mail of old.
/// let message = RawMessage(b"Subject: Gr\xfc\xdfe\r\n\r\n".to_vec());
/// let json = serde_json::to_string(&message)?;
/// assert_eq!(json, r#""Subject: Grüße\r\n\r\n""#);
/// assert_eq!(serde_json::from_str::<RawMessage>(&json)?, message);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct RawMessage(pub Vec<u8>);

#[cfg(feature = "serde")]
impl serde::Serialize for RawMessage {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let text: String = self.0.iter().copied().map(char::from).collect();
        serializer.serialize_str(&text)
    }
}

#[cfg(feature = "serde")]
impl crate::reading::Read for RawMessage {
    fn read(tree: &crate::reading::Tree) -> Result<Self, crate::reading::Fault> {
        let octets: Result<Vec<u8>, _> = tree.text()?.chars().map(u8::try_from).collect();
        octets.map(Self).map_err(|_| crate::reading::Fault::new("a message has only characters up to U+00FF"))
    }
}
#[cfg(feature = "serde")]
crate::reading::deserialize!(RawMessage);
