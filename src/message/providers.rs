//! Mailbox providers: domains at which anybody can open a mailbox.

use crate::Name;

/// Whether it is one of the largest. For hints only: the list is never complete.
pub(crate) fn is_consumer(name: &Name) -> bool {
    CONSUMER.binary_search(&name.as_str()).is_ok()
}

/// By name.
const CONSUMER: &[&str] = &[
    "163.com",
    "aol.com",
    "free.fr",
    "gmail.com",
    "gmx.ch",
    "gmx.com",
    "gmx.de",
    "gmx.net",
    "googlemail.com",
    "hotmail.com",
    "icloud.com",
    "laposte.net",
    "live.com",
    "mail.com",
    "mail.ru",
    "me.com",
    "msn.com",
    "orange.fr",
    "outlook.com",
    "proton.me",
    "protonmail.com",
    "qq.com",
    "web.de",
    "yahoo.com",
    "yandex.com",
    "yandex.ru",
    "zoho.com",
];

#[cfg(test)]
mod tests {
    #[test]
    fn in_order() {
        assert!(super::CONSUMER.is_sorted());
    }
}
