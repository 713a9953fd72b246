//! What comes again: of a list the same is said of each in it, and nothing is looked at twice.

use crate::order::firsts;

/// What is found of each, by its place; of those with equal keys the first is looked at.
pub(super) fn once_each<K: Ord, T: Clone>(keys: &[K], find: impl Fn(usize) -> T) -> Vec<T> {
    let firsts = firsts(keys.len(), &|a, b| keys[a].cmp(&keys[b]));
    let mut found: Vec<T> = Vec::with_capacity(keys.len());
    for (place, first) in firsts.into_iter().enumerate() {
        let one = found.get(first).cloned();
        found.push(one.unwrap_or_else(|| find(place)));
    }
    found
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    #[test]
    fn nothing_is_looked_at_twice() {
        let (texts, looked_at) = (["b", "a", "b", "c", "a", "b"], RefCell::new(Vec::new()));
        let found = super::once_each(&texts, |place| {
            looked_at.borrow_mut().push(place);
            texts[place].to_uppercase()
        });
        assert_eq!(found, ["B", "A", "B", "C", "A", "B"]);
        assert_eq!(*looked_at.borrow(), [0, 1, 3]);
        assert!(super::once_each(&[""; 0], |place| place).is_empty());
    }
}
