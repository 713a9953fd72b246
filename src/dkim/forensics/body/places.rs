//! Where in a body text may have been put in.

use super::Lines;

/// Where text may have been put in, as offsets of the canonical text, ascending.
pub(super) struct Places {
    /// Line starts, and the edges of tags in HTML.
    pub(super) all: Vec<usize>,
    /// Where an insertion may have ended.
    pub(super) ends: Vec<usize>,
    /// Where an insertion may have started.
    pub(super) starts: Vec<usize>,
}

/// Places of each kind; a body with more is a listing of them, and no mail.
const MAX_ANCHORS: usize = 16;
/// Of all places.
const MAX_PLACES: usize = 20_000;

impl Places {
    pub(super) fn of(lines: &Lines) -> Self {
        let mut places = Self { all: Vec::new(), ends: Vec::new(), starts: Vec::new() };
        let mut in_header = false;
        // Nobody puts text into the middle of an attachment.
        let mut was_coded = false;
        for line in 0..lines.last {
            let start = lines.starts[line];
            let content = lines.content(line);
            let coded = is_base64(content);
            if coded && was_coded {
                continue;
            }
            was_coded = coded;
            places.all.push(start);
            if content.starts_with(b"--") && content.len() > 2 && content != b"-- " {
                places.ends.push(start);
                in_header = true;
            } else if in_header && content.is_empty() {
                in_header = false;
                let next = if line + 1 < lines.last { lines.content(line + 1) } else { b"" };
                if !next.starts_with(b"--") && !is_base64(next) {
                    places.starts.push(lines.starts[line + 1]);
                }
            }
            for edge in memchr::memchr2_iter(b'<', b'>', content) {
                if places.all.len() >= MAX_PLACES {
                    break;
                }
                let at = start + edge + usize::from(content[edge] == b'>');
                places.all.push(at);
                let tag = &content[edge..];
                let named = |name: &[u8]| tag.get(..name.len()).is_some_and(|tag| tag.eq_ignore_ascii_case(name));
                if named(b"</body") || named(b"</html") {
                    places.ends.push(at);
                }
                if named(b"<body") {
                    let close = memchr::memchr(b'>', tag).map_or(content.len(), |length| edge + length + 1);
                    places.starts.push(start + close);
                }
            }
            if places.all.len() >= MAX_PLACES {
                break;
            }
        }
        places.starts.insert(0, 0);
        places.all.push(lines.starts[lines.last]);
        places.ends.push(lines.starts[lines.last]);
        places.all.dedup();
        places.starts.truncate(MAX_ANCHORS);
        let extra = places.ends.len().saturating_sub(MAX_ANCHORS);
        places.ends.drain(..extra);
        places
    }
}

fn is_base64(line: &[u8]) -> bool {
    line.len() >= 60 && line.iter().all(|b| b.is_ascii_alphanumeric() || b"+/=".contains(b))
}
