//! A set of tags.

use super::Tag;

/// Which tags there are. A record that somebody sends may have thousands of parts, and there are few tags.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::dmarc) struct Tags(u32);

impl Tags {
    /// Whether `tag` was not among them yet.
    pub(in crate::dmarc) fn insert(&mut self, tag: Tag) -> bool {
        let is_new = !self.contains(tag);
        self.0 |= Self::bit(tag);
        is_new
    }

    pub(in crate::dmarc) fn contains(self, tag: Tag) -> bool {
        self.0 & Self::bit(tag) != 0
    }

    fn bit(tag: Tag) -> u32 {
        1 << tag as u32
    }
}

impl FromIterator<Tag> for Tags {
    fn from_iter<I: IntoIterator<Item = Tag>>(tags: I) -> Self {
        let mut set = Self::default();
        tags.into_iter().for_each(|tag| _ = set.insert(tag));
        set
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_tag_has_its_place() {
        for &tag in Tag::KNOWN.iter().chain(&[Tag::Unknown]) {
            let mut tags: Tags = Tag::KNOWN.iter().copied().filter(|other| *other != tag).collect();
            assert!(!tags.contains(tag) && tags.insert(tag) && !tags.insert(tag) && tags.contains(tag), "{tag:?}");
        }
    }
}
