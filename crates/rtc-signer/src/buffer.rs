//! Lists and texts that need no heap while they are short.

/// A list whose first `N` elements stand on the stack.
pub(crate) struct Few<T, const N: usize> {
    stack: [T; N],
    /// `N` once the elements are on the heap, so that nothing more goes to the stack.
    len: usize,
    /// All elements, once there are more than `N`.
    heap: Vec<T>,
}

impl<T: Copy, const N: usize> Few<T, N> {
    /// An empty list; `filler` is never seen.
    pub(crate) const fn new(filler: T) -> Self {
        Self { stack: [filler; N], len: 0, heap: Vec::new() }
    }

    #[inline]
    pub(crate) fn push(&mut self, item: T) {
        if let Some(slot) = self.stack.get_mut(self.len) {
            *slot = item;
            self.len += 1;
        } else {
            self.spill().push(item);
        }
    }

    /// Drops the elements that are not wanted.
    pub(crate) fn retain(&mut self, wanted: impl Fn(&T) -> bool) {
        let mut kept = Self { stack: self.stack, len: 0, heap: Vec::new() };
        self.as_slice().iter().filter(|item| wanted(item)).for_each(|item| kept.push(*item));
        *self = kept;
    }

    #[inline]
    pub(crate) fn as_slice(&self) -> &[T] {
        if self.heap.is_empty() {
            self.stack.get(..self.len).unwrap_or_default()
        } else {
            &self.heap
        }
    }

    pub(crate) fn as_mut_slice(&mut self) -> &mut [T] {
        if self.heap.is_empty() {
            self.stack.get_mut(..self.len).unwrap_or_default()
        } else {
            &mut self.heap
        }
    }

    /// Moves the elements to the heap, if they are not there.
    #[cold]
    fn spill(&mut self) -> &mut Vec<T> {
        if self.heap.is_empty() {
            self.heap.extend_from_slice(self.stack.get(..self.len).unwrap_or_default());
            self.len = N;
        }
        &mut self.heap
    }
}

impl<const N: usize> Few<u8, N> {
    #[inline]
    pub(crate) fn extend(&mut self, bytes: &[u8]) {
        if let Some(room) = self.stack.get_mut(self.len..self.len + bytes.len()) {
            copy_few(room, bytes);
            self.len += bytes.len();
        } else {
            self.spill().extend_from_slice(bytes);
        }
    }
}

impl<const N: usize> Few<u8, N> {
    /// Whether a byte other than the filler stands in the text.
    #[inline]
    pub(crate) fn contains(&self, byte: u8) -> bool {
        // The whole of the stack, since a loop of fixed length looks at many bytes at once.
        let found = self.stack.iter().fold(0, |found, one| found | u8::from(*one == byte)) != 0;
        found || self.heap.contains(&byte)
    }
}

/// Copies a text into room of its length, a short one without a call: its beginning and its end,
/// which overlap.
#[inline]
pub(crate) fn copy_few(room: &mut [u8], text: &[u8]) {
    match text.len() {
        16..=32 => copy_ends::<16>(room, text),
        8..16 => copy_ends::<8>(room, text),
        4..8 => copy_ends::<4>(room, text),
        _ => room.copy_from_slice(text),
    }
}

#[inline]
fn copy_ends<const N: usize>(room: &mut [u8], text: &[u8]) {
    if let (Some(to), Some(from)) = (room.first_chunk_mut::<N>(), text.first_chunk()) {
        *to = *from;
    }
    if let (Some(to), Some(from)) = (room.last_chunk_mut::<N>(), text.last_chunk()) {
        *to = *from;
    }
}

impl<T: Copy, const N: usize> Clone for Few<T, N> {
    fn clone(&self) -> Self {
        Self { stack: self.stack, len: self.len, heap: self.heap.clone() }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_list_holds_what_was_pushed(items: Vec<u16>) {
            let mut few = Few::<u16, 4>::new(0);
            for item in &items {
                few.push(*item);
            }
            prop_assert_eq!(few.as_slice(), items.as_slice());
            let mut other = few.clone();
            prop_assert_eq!(other.as_mut_slice(), items.as_slice());
            other.retain(|item| item % 3 == 0);
            let kept: Vec<u16> = items.into_iter().filter(|item| item % 3 == 0).collect();
            prop_assert_eq!(other.as_slice(), kept);
        }

        #[test]
        fn a_text_holds_what_was_written(pieces: Vec<Vec<u8>>) {
            let mut few = Few::<u8, 16>::new(0);
            let mut all = Vec::new();
            for piece in &pieces {
                few.extend(piece);
                few.push(b';');
                all.extend_from_slice(piece);
                all.push(b';');
            }
            prop_assert_eq!(few.as_slice(), all);
        }
    }
}
