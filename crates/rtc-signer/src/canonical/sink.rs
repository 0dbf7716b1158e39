//! Where a canonical request is written to.

use ring::digest::{Context, SHA256};

use crate::buffer::copy_few;
use crate::encode::{digest_bytes, hex};

/// Takes a text piece by piece: into memory, or into a hash.
///
/// By value, so that a [`Room`] stays in the registers of the processor.
pub(crate) trait Sink: Sized {
    #[must_use]
    fn put(self, bytes: &[u8]) -> Self;
}

impl Sink for &mut Vec<u8> {
    fn put(self, bytes: &[u8]) -> Self {
        self.extend_from_slice(bytes);
        self
    }
}

/// What is left of some memory; `None` once a piece did not fit.
pub(crate) struct Room<'b>(pub(crate) Option<&'b mut [u8]>);

impl Sink for Room<'_> {
    #[inline]
    fn put(self, bytes: &[u8]) -> Self {
        Self(self.0.and_then(|room| {
            let (piece, rest) = room.split_at_mut_checked(bytes.len())?;
            copy_few(piece, bytes);
            Some(rest)
        }))
    }
}

/// A hash that gathers small pieces, since each update of a digest has its price.
///
/// Whatever is written, it takes no memory but its own.
pub(crate) struct Hasher {
    buffer: [u8; Self::ROOM],
    len: usize,
    /// The hash of what has left the buffer.
    context: Context,
}

impl Hasher {
    const ROOM: usize = 512;

    pub(crate) fn new() -> Self {
        Self { buffer: [0; Self::ROOM], len: 0, context: Context::new(&SHA256) }
    }

    /// The hash of what was written, in hex.
    pub(crate) fn finish(mut self) -> [u8; 64] {
        self.flush();
        hex(digest_bytes(&self.context.finish()))
    }

    fn flush(&mut self) {
        self.context.update(self.buffer.get(..self.len).unwrap_or_default());
        self.len = 0;
    }
}

impl Sink for &mut Hasher {
    fn put(self, bytes: &[u8]) -> Self {
        if self.len + bytes.len() > Hasher::ROOM {
            self.flush();
        }
        match self.buffer.get_mut(self.len..self.len + bytes.len()) {
            Some(room) => {
                room.copy_from_slice(bytes);
                self.len += bytes.len();
            }
            None => self.context.update(bytes),
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::encode::sha256_hex;

    proptest! {
        #[test]
        fn the_hash_is_that_of_all_pieces(
            pieces in proptest::collection::vec((any::<u8>(), 0..900_usize), 0..24),
        ) {
            let mut hasher = Hasher::new();
            let mut text = Vec::new();
            let mut room = [0; 2000];
            let mut rest = Room(Some(&mut room));
            for (byte, len) in pieces {
                let piece = vec![byte; len];
                let _ = hasher.put(&piece).put(b",");
                let _ = text.put(&piece).put(b",");
                rest = rest.put(&piece).put(b",");
            }
            let left = rest.0.map(|rest| rest.len());
            prop_assert_eq!(left, 2000_usize.checked_sub(text.len()));
            if left.is_some() {
                prop_assert_eq!(&room[..text.len()], &text);
            }
            prop_assert_eq!(hasher.finish(), sha256_hex(&text));
        }
    }
}
