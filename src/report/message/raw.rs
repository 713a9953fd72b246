//! The octets of a message, as text where a form needs text.

/// The octets of a message. In JSON each octet is the character of its number (ISO 8859-1), so mail stays readable.
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
impl<'de> serde::Deserialize<'de> for RawMessage {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let octets: Result<Vec<u8>, _> = text.chars().map(u8::try_from).collect();
        octets.map(Self).map_err(|_| serde::de::Error::custom("a message has only characters up to U+00FF"))
    }
}
