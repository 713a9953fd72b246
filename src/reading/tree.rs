//! Data of any format.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

use super::{Fault, Field, Read};

/// Data of any format.
#[derive(Debug)]
pub(crate) enum Tree {
    Null,
    Bool(bool),
    Number(u64),
    /// A negative number or a fraction: nothing takes them.
    OtherNumber,
    Text(String),
    List(Vec<Self>),
    /// In order; a key may be there twice.
    Fields(Vec<(String, Self)>),
}

impl Tree {
    pub(crate) fn text(&self) -> Result<&str, Fault> {
        match self {
            Self::Text(text) => Ok(text),
            _ => Err(Fault::new("expected a text")),
        }
    }

    pub(crate) fn number(&self) -> Result<u64, Fault> {
        match self {
            Self::Number(number) => Ok(*number),
            _ => Err(Fault::new("expected a whole number")),
        }
    }

    pub(crate) fn list(&self) -> Result<&[Self], Fault> {
        match self {
            Self::List(list) => Ok(list),
            _ => Err(Fault::new("expected a list")),
        }
    }

    pub(crate) fn fields(&self) -> Result<&[(String, Self)], Fault> {
        match self {
            Self::Fields(fields) => Ok(fields),
            _ => Err(Fault::new("expected an object")),
        }
    }

    /// The variant of an enum, and what it holds: `"reply"`, or `{"reply": …}`.
    pub(crate) fn variant(&self) -> Result<(&str, &Self), Fault> {
        match self {
            Self::Text(name) => Ok((name, &Self::Null)),
            Self::Fields(fields) => match fields.as_slice() {
                [(name, held)] => Ok((name, held)),
                _ => Err(Fault::new("expected one field")),
            },
            _ => Err(Fault::new("expected a text or an object")),
        }
    }

    /// The one field that is called as one of `names`, where an enum stands among the fields of a struct.
    pub(crate) fn variant_among(&self, names: &[&'static str]) -> Result<(&str, &Self), Fault> {
        if let Self::Text(_) = self {
            return self.variant();
        }
        let mut found = self.fields()?.iter().filter(|(name, _)| names.contains(&name.as_str()));
        match (found.next(), found.next()) {
            (Some((name, held)), None) => Ok((name, held)),
            (None, _) => Err(Fault::new(format_args!("expected one of the fields `{}`", names.join("`, `")))),
            (Some((one, _)), Some((another, _))) => {
                Err(Fault::new(format_args!("expected either `{one}` or `{another}`")))
            }
        }
    }

    /// Reads what an enum holds.
    pub(crate) fn held<T: Read>(&self, name: &str) -> Result<T, Fault> {
        T::read(self).map_err(|fault| fault.inside(name))
    }

    /// Reads the fields of a struct, each into its place.
    pub(crate) fn fill(&self, strict: bool, fields: &mut [Field<'_>]) -> Result<(), Fault> {
        // One bit for each field.
        let mut found = 0u64;
        for (name, tree) in self.fields()? {
            let Some(at) = fields.iter().position(|field| field.names.split('|').any(|known| known == name)) else {
                if strict {
                    return Err(Fault::new(format_args!("unknown field `{name}`")));
                }
                continue;
            };
            if found & (1 << at) != 0 {
                return Err(Fault::new(format_args!("duplicate field `{name}`")));
            }
            found |= 1 << at;
            fields[at].place.put(tree).map_err(|fault| fault.inside(name))?;
        }
        match fields.iter().enumerate().find(|(at, field)| field.needed && found & (1 << at) == 0) {
            Some((_, field)) => Err(Fault::missing(field.names)),
            None => Ok(()),
        }
    }
}

impl<'de> Deserialize<'de> for Tree {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Grow)
    }
}

/// As JSON writes it again.
#[cfg(feature = "wasm")]
impl serde::Serialize for Tree {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null | Self::OtherNumber => serializer.serialize_unit(),
            Self::Bool(value) => serializer.serialize_bool(*value),
            Self::Number(value) => serializer.serialize_u64(*value),
            Self::Text(value) => serializer.serialize_str(value),
            Self::List(list) => serializer.collect_seq(list),
            Self::Fields(fields) => serializer.collect_map(fields.iter().map(|(name, tree)| (name, tree))),
        }
    }
}

struct Grow;

impl<'de> Visitor<'de> for Grow {
    type Value = Tree;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("data")
    }

    fn visit_unit<E>(self) -> Result<Tree, E> {
        Ok(Tree::Null)
    }

    fn visit_none<E>(self) -> Result<Tree, E> {
        Ok(Tree::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Tree, D::Error> {
        Tree::deserialize(deserializer)
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<Tree, D::Error> {
        Tree::deserialize(deserializer)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Tree, E> {
        Ok(Tree::Bool(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Tree, E> {
        Ok(Tree::Number(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Tree, E> {
        Ok(u64::try_from(value).map_or(Tree::OtherNumber, Tree::Number))
    }

    fn visit_f64<E>(self, _: f64) -> Result<Tree, E> {
        Ok(Tree::OtherNumber)
    }

    fn visit_str<E>(self, value: &str) -> Result<Tree, E> {
        Ok(Tree::Text(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Tree, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Tree::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Tree, A::Error> {
        let mut fields = Vec::new();
        while let Some(field) = map.next_entry()? {
            fields.push(field);
        }
        Ok(Tree::Fields(fields))
    }
}
