//! Reading what was asked, out of any format that describes itself, such as JSON.
//!
//! serde derives a reader for each type, for each way in which that type may be written and for each format: those of the questions
//! alone were a tenth of the code that a browser loads. So data become a [`Tree`] first, and each type says what it takes from that.
//! What has no fields (an enum of words) stays with serde.

mod scalars;
mod tree;

pub(crate) use tree::Tree;

use std::fmt;

/// What can be read from data.
pub(crate) trait Read: Sized {
    fn read(tree: &Tree) -> Result<Self, Fault>;
}

/// Why data are none of a type, and where in them.
#[derive(Debug, Default)]
pub(crate) struct Fault {
    path: String,
    what: String,
}

impl Fault {
    pub(crate) fn new(what: impl fmt::Display) -> Self {
        Self { path: String::new(), what: what.to_string() }
    }

    pub(crate) fn missing(name: &str) -> Self {
        Self::new(format_args!("missing field `{name}`"))
    }

    pub(crate) fn unknown_variant(name: &str) -> Self {
        Self::new(format_args!("unknown variant `{name}`"))
    }

    /// The same, seen from around the field `name`.
    fn inside(mut self, name: &str) -> Self {
        let dot = if self.path.is_empty() { "" } else { "." };
        self.path = format!("{name}{dot}{}", self.path);
        self
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.path.is_empty() {
            write!(f, "{}: ", self.path)?;
        }
        f.write_str(&self.what)
    }
}

impl std::error::Error for Fault {}

impl serde::de::Error for Fault {
    fn custom<T: fmt::Display>(what: T) -> Self {
        Self::new(what)
    }
}

/// What a field is read into. One table of them is walked for every struct, whatever it holds.
pub(crate) trait Place {
    fn put(&mut self, tree: &Tree) -> Result<(), Fault>;
}

impl<T: Read> Place for T {
    fn put(&mut self, tree: &Tree) -> Result<(), Fault> {
        *self = T::read(tree)?;
        Ok(())
    }
}

/// A field that is needed and has no default.
pub(crate) struct Needed<T>(pub(crate) Option<T>);

impl<T: Read> Place for Needed<T> {
    fn put(&mut self, tree: &Tree) -> Result<(), Fault> {
        self.0 = Some(T::read(tree)?);
        Ok(())
    }
}

impl<T> Needed<T> {
    /// What [`Tree::fill`] has put there.
    pub(crate) fn take(self, name: &str) -> Result<T, Fault> {
        self.0.ok_or_else(|| Fault::missing(name))
    }
}

/// One field of a struct.
pub(crate) struct Field<'a> {
    /// Its name, and behind each `|` another one.
    pub(crate) names: &'static str,
    pub(crate) needed: bool,
    pub(crate) place: &'a mut dyn Place,
}

/// What of a struct is read: the fields that it `needs`, and those that it `takes` where they are there. Of a `strict` struct, an unknown
/// field is a fault. Behind `default`, what is not there is as in the default of the whole.
///
/// ```text
/// reads! { strict Delegation { needs address, to, right; takes } }
/// reads! { default MessageInput { needs message; takes now, connection | "session" } }
/// ```
macro_rules! reads {
    (strict default $type:ty { $($rest:tt)* }) => { $crate::reading::reads! { @default true, $type { $($rest)* } } };
    (default $type:ty { $($rest:tt)* }) => { $crate::reading::reads! { @default false, $type { $($rest)* } } };
    (strict $type:ty { $($rest:tt)* }) => { $crate::reading::reads! { @fields true, $type { $($rest)* } } };
    (@default $strict:literal, $type:ty {
        needs $($need:ident),*; takes $($take:ident $(| $other:literal)?),* $(,)?
    }) => {
        impl $crate::reading::Read for $type {
            fn read(tree: &$crate::reading::Tree) -> Result<Self, $crate::reading::Fault> {
                let mut read = Self::default();
                let Self { $($need,)* $($take,)* } = &mut read;
                tree.fill($strict, &mut [
                    $($crate::reading::field!(needs $need, $need),)*
                    $($crate::reading::field!(takes $take $(| $other)?, $take),)*
                ])?;
                Ok(read)
            }
        }
        $crate::reading::deserialize!($type);
    };
    (@fields $strict:literal, $type:ty {
        needs $($need:ident),*; takes $($take:ident $(| $other:literal)?),* $(,)?
    }) => {
        impl $crate::reading::Read for $type {
            fn read(tree: &$crate::reading::Tree) -> Result<Self, $crate::reading::Fault> {
                $crate::reading::fields!(@ $strict, tree, { needs $($need),*; takes $($take $(| $other)?),* });
                Ok(Self { $($need,)* $($take,)* })
            }
        }
        $crate::reading::deserialize!($type);
    };
    ($type:ty { $($rest:tt)* }) => { $crate::reading::reads! { @fields false, $type { $($rest)* } } };
}
pub(crate) use reads;

/// The fields of a struct as variables, where the struct is made by hand: `fields!(tree, { needs from; takes now })`.
macro_rules! fields {
    ($tree:expr, $fields:tt) => { $crate::reading::fields!(@ false, $tree, $fields) };
    (@ $strict:literal, $tree:expr, {
        needs $($need:ident),*; takes $($take:ident $(| $other:literal)?),*
    }) => {
        $(let mut $need = $crate::reading::Needed(None);)*
        $(let mut $take = Default::default();)*
        $tree.fill($strict, &mut [
            $($crate::reading::field!(needs $need, &mut $need),)*
            $($crate::reading::field!(takes $take $(| $other)?, &mut $take),)*
        ])?;
        $(let $need = $need.take(stringify!($need))?;)*
    };
}
pub(crate) use fields;

macro_rules! field {
    (needs $name:ident, $place:expr) => {
        $crate::reading::Field { names: stringify!($name), needed: true, place: $place }
    };
    (takes $name:ident $(| $other:literal)?, $place:expr) => {
        $crate::reading::Field { names: concat!(stringify!($name) $(, "|", $other)?), needed: false, place: $place }
    };
}
pub(crate) use field;

/// serde's `Deserialize` for what can be read from a tree.
macro_rules! deserialize {
    ($($type:ty),+) => {$(
        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let tree = <$crate::reading::Tree as serde::Deserialize>::deserialize(deserializer)?;
                $crate::reading::Read::read(&tree).map_err(serde::de::Error::custom)
            }
        }
    )+};
}
pub(crate) use deserialize;

/// Enums of words: serde reads them.
macro_rules! reads_words {
    ($($type:ty),+ $(,)?) => {$(
        impl $crate::reading::Read for $type {
            fn read(tree: &$crate::reading::Tree) -> Result<Self, $crate::reading::Fault> {
                serde::Deserialize::deserialize(serde::de::value::StrDeserializer::new(tree.text()?))
            }
        }
    )+};
}
pub(crate) use reads_words;

#[cfg(test)]
mod tests {
    #[derive(Debug, PartialEq)]
    struct Pair {
        left: String,
        right: Option<u8>,
    }
    reads! { strict Pair { needs left; takes right | "other" } }

    #[derive(Debug, Default, PartialEq)]
    struct Pairs {
        pairs: Vec<Pair>,
        more: bool,
    }
    reads! { default Pairs { needs pairs; takes more } }

    fn fault(json: &str) -> String {
        serde_json::from_str::<Pairs>(json).unwrap_err().to_string()
    }

    #[test]
    fn takes_what_is_there() {
        let pair = |left: &str, right| Pair { left: left.to_owned(), right };
        let read: Pairs = serde_json::from_str(
            r#"{"x": [1.5, -1], "pairs": [{"left": "a", "other": 7}, {"left": "b", "right": null}]}"#,
        )
        .unwrap();
        assert_eq!(read, Pairs { pairs: vec![pair("a", Some(7)), pair("b", None)], more: false });
    }

    #[test]
    fn says_what_is_wrong_and_where() {
        assert!(fault("{}").starts_with("missing field `pairs`"));
        assert!(fault("[]").starts_with("expected an object"));
        assert!(fault(r#"{"pairs": [{"right": 7}]}"#).starts_with("pairs: missing field `left`"));
        assert!(fault(r#"{"pairs": [{"left": 7}]}"#).starts_with("pairs.left: expected a text"));
        assert!(
            fault(r#"{"pairs": [{"left": "", "right": 256}]}"#)
                .starts_with("pairs.right: the number 256 is out of range")
        );
        assert!(fault(r#"{"pairs": [{"left": "", "right": -1}]}"#).starts_with("pairs.right: expected a whole number"));
        assert!(fault(r#"{"pairs": [{"left": "", "middle": 0}]}"#).starts_with("pairs: unknown field `middle`"));
        assert!(fault(r#"{"pairs": [], "more": true, "more": true}"#).starts_with("duplicate field `more`"));
    }
}
