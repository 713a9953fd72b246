//! What the fields of most types hold.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::{Fault, Read, Tree};

impl Read for String {
    fn read(tree: &Tree) -> Result<Self, Fault> {
        tree.text().map(str::to_owned)
    }
}

impl Read for char {
    fn read(tree: &Tree) -> Result<Self, Fault> {
        tree.text()?.parse().map_err(|_| Fault::new("expected one character"))
    }
}

impl Read for bool {
    fn read(tree: &Tree) -> Result<Self, Fault> {
        match tree {
            Tree::Bool(value) => Ok(*value),
            _ => Err(Fault::new("expected true or false")),
        }
    }
}

impl Read for u64 {
    fn read(tree: &Tree) -> Result<Self, Fault> {
        tree.number()
    }
}

macro_rules! smaller_numbers {
    ($($type:ty),+) => {$(
        impl Read for $type {
            fn read(tree: &Tree) -> Result<Self, Fault> {
                let number = tree.number()?;
                number.try_into().map_err(|_| out_of_range(number))
            }
        }
    )+};
}
smaller_numbers!(u8, u16, u32, usize);

fn out_of_range(number: u64) -> Fault {
    Fault::new(format_args!("the number {number} is out of range"))
}

/// Text; formats for machines write the octets.
macro_rules! addresses {
    ($($type:ty, $octets:literal, $what:literal;)+) => {$(
        impl Read for $type {
            fn read(tree: &Tree) -> Result<Self, Fault> {
                let address = match tree {
                    Tree::List(_) => <[u8; $octets]>::try_from(Vec::<u8>::read(tree)?).ok().map(Self::from),
                    _ => tree.text()?.parse().ok(),
                };
                address.ok_or_else(|| Fault::new(concat!("expected an ", $what, " address")))
            }
        }
    )+};
}
addresses! {
    Ipv4Addr, 4, "IPv4";
    Ipv6Addr, 16, "IPv6";
}

impl Read for IpAddr {
    fn read(tree: &Tree) -> Result<Self, Fault> {
        match tree {
            Tree::Text(text) => text.parse().map_err(|_| Fault::new("expected an IP address")),
            _ => match tree.variant()? {
                ("V4", octets) => Ipv4Addr::read(octets).map(Self::V4),
                ("V6", octets) => Ipv6Addr::read(octets).map(Self::V6),
                (other, _) => Err(Fault::unknown_variant(other)),
            },
        }
    }
}

impl<T: Read> Read for Option<T> {
    fn read(tree: &Tree) -> Result<Self, Fault> {
        match tree {
            Tree::Null => Ok(None),
            _ => T::read(tree).map(Some),
        }
    }
}

impl<T: Read> Read for Box<T> {
    fn read(tree: &Tree) -> Result<Self, Fault> {
        T::read(tree).map(Self::new)
    }
}

impl<T: Read> Read for Vec<T> {
    fn read(tree: &Tree) -> Result<Self, Fault> {
        let list = tree.list()?;
        let mut read = Self::with_capacity(list.len());
        for item in list {
            read.push(T::read(item)?);
        }
        Ok(read)
    }
}

/// The last one counts where two have one key.
impl<T: Read> Read for BTreeMap<String, T> {
    fn read(tree: &Tree) -> Result<Self, Fault> {
        let mut read = Self::new();
        for (name, tree) in tree.fields()? {
            read.insert(name.clone(), tree.held(name)?);
        }
        Ok(read)
    }
}

/// `{"Ok": …}` or `{"Err": …}`
impl<T: Read, E: Read> Read for Result<T, E> {
    fn read(tree: &Tree) -> Result<Self, Fault> {
        match tree.variant()? {
            ("Ok", held) => T::read(held).map(Ok),
            ("Err", held) => E::read(held).map(Err),
            (other, _) => Err(Fault::unknown_variant(other)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_text_or_octets() {
        let read = |json: &str| IpAddr::read(&serde_json::from_str(json).unwrap());
        for (json, address) in [
            (r#""192.0.2.1""#, "192.0.2.1"),
            (r#"{"V4": [192, 0, 2, 1]}"#, "192.0.2.1"),
            (r#"{"V6": [32, 1, 13, 184, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]}"#, "2001:db8::1"),
        ] {
            assert_eq!(read(json).unwrap().to_string(), address);
        }
        for json in [r#""192.0.2""#, "1", r#"{"V4": [192, 0, 2]}"#, r#"{"V5": []}"#, "[192, 0, 2, 1]"] {
            assert!(read(json).is_err(), "{json}");
        }
    }
}
