//! What a case is given beside itself: files and the time.

#[cfg(not(target_arch = "wasm32"))]
mod here {
    use std::time::{SystemTime, UNIX_EPOCH};

    /// A file of a case.
    pub fn read(path: &str) -> std::io::Result<Vec<u8>> {
        std::fs::read(path)
    }

    /// The present time, in seconds since 1970.
    pub fn now() -> u64 {
        // This is a program, not the library.
        #[allow(clippy::disallowed_methods)]
        SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
    }
}

#[cfg(target_arch = "wasm32")]
mod here {
    use std::cell::{Cell, RefCell};
    use std::collections::HashMap;

    thread_local! {
        static FILES: RefCell<HashMap<String, Vec<u8>>> = RefCell::default();
        static NOW: Cell<u64> = const { Cell::new(0) };
    }

    /// A file that JavaScript has given.
    pub fn read(path: &str) -> std::io::Result<Vec<u8>> {
        let file = FILES.with_borrow(|files| files.get(path).cloned());
        file.ok_or_else(|| std::io::Error::from(std::io::ErrorKind::NotFound))
    }

    /// The time that JavaScript has given.
    pub fn now() -> u64 {
        NOW.get()
    }

    /// Gives a file.
    pub fn give(path: String, octets: Vec<u8>) {
        FILES.with_borrow_mut(|files| files.insert(path, octets));
    }

    /// Forgets all files and sets the time.
    pub fn reset(now: u64) {
        FILES.with_borrow_mut(HashMap::clear);
        NOW.set(now);
    }
}

pub use here::*;
