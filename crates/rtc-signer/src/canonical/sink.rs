//! Where a canonical request is written to.

use ring::digest::{Context, SHA256, digest};

use crate::encode::{digest_bytes, hex};

/// Takes a text piece by piece: into memory, or into a hash.
pub(crate) trait Sink {
    fn put(&mut self, bytes: &[u8]);
}

impl Sink for Vec<u8> {
    fn put(&mut self, bytes: &[u8]) {
        self.extend_from_slice(bytes);
    }
}

/// A hash that gathers small pieces, since each update of a digest has its price.
///
/// Whatever is written, it takes no memory but its own.
pub(crate) struct Hasher {
    buffer: [u8; Self::ROOM],
    len: usize,
    /// The hash of what has left the buffer; `None` until something has.
    context: Option<Context>,
}

impl Hasher {
    const ROOM: usize = 512;

    pub(crate) const fn new() -> Self {
        Self { buffer: [0; Self::ROOM], len: 0, context: None }
    }

    /// The hash of what was written and a last line, in hex; the line itself is not kept.
    #[inline]
    pub(crate) fn hash_with(&mut self, last: &[u8]) -> [u8; 64] {
        let end = self.len + last.len();
        let digest = match (&self.context, self.buffer.get_mut(self.len..end)) {
            (None, Some(room)) => {
                room.copy_from_slice(last);
                digest(&SHA256, self.buffer.get(..end).unwrap_or_default())
            }
            (context, _) => {
                let text = self.buffer.get(..self.len).unwrap_or_default();
                let mut context = flushed(context.clone(), text);
                context.update(last);
                context.finish()
            }
        };
        hex(digest_bytes(&digest))
    }
}

impl Sink for Hasher {
    #[inline]
    fn put(&mut self, bytes: &[u8]) {
        if let Some(room) = self.buffer.get_mut(self.len..self.len + bytes.len()) {
            room.copy_from_slice(bytes);
            self.len += bytes.len();
        } else {
            let text = self.buffer.get(..self.len).unwrap_or_default();
            let mut context = flushed(self.context.take(), text);
            context.update(bytes);
            self.context = Some(context);
            self.len = 0;
        }
    }
}

/// The hash that goes on with a text; a function of its own, since it is seldom needed.
#[cold]
fn flushed(context: Option<Context>, text: &[u8]) -> Context {
    let mut context = context.unwrap_or_else(|| Context::new(&SHA256));
    context.update(text);
    context
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::encode::sha256_hex;

    proptest! {
        #[test]
        fn the_hash_is_that_of_all_pieces(
            pieces in proptest::collection::vec((any::<u8>(), 0..900_usize, 0..900_usize), 0..8),
            last in 0..900_usize,
        ) {
            let mut hasher = Hasher::new();
            let mut text = Vec::new();
            for (byte, one, other) in pieces {
                let (one, other) = (vec![byte; one], vec![byte; other]);
                for piece in [one.as_slice(), b",", &other] {
                    hasher.put(piece);
                    text.put(piece);
                }
            }
            for last in [vec![b'x'; last], vec![b'y'; 64], Vec::new()] {
                let whole = [text.as_slice(), &last].concat();
                prop_assert_eq!(hasher.hash_with(&last), sha256_hex(&whole));
            }
        }
    }
}
