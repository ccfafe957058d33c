//! Ranges of the arena.

/// A range of the arena, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Region {
    pub(crate) start: u32,
    pub(crate) length: u32,
}

impl Region {
    /// No bytes.
    pub(crate) const EMPTY: Region = Region { start: 0, length: 0 };

    /// The first byte behind it.
    pub(crate) fn end(self) -> u64 {
        u64::from(self.start) + u64::from(self.length)
    }

    pub(crate) fn overlaps(self, other: Region) -> bool {
        self.length > 0
            && other.length > 0
            && u64::from(self.start) < other.end()
            && u64::from(other.start) < self.end()
    }

    /// From the start of the first to the end of the second, whichever is first.
    pub(crate) fn hull(self, other: Region) -> Region {
        let start = self.start.min(other.start);
        // Until the plan is checked, an offset may be anything; what wraps around here is refused there.
        let end = |region: Region| region.start.wrapping_add(region.length);
        let end = end(self).max(end(other));
        Region { start, length: end.wrapping_sub(start) }
    }

    /// Its bytes of `memory`, inside which it lies.
    pub(crate) fn of(self, memory: &mut [i8]) -> &mut [i8] {
        let bytes = memory.get_mut(self.start as usize..).unwrap_or_default();
        bytes.get_mut(..self.length as usize).unwrap_or_default()
    }

    /// This region's and `other`'s bytes of `memory`, which do not overlap and lie inside it.
    pub(crate) fn split(self, other: Region, memory: &mut [i8]) -> (&mut [i8], &mut [i8]) {
        let swapped = other.start < self.start;
        let (low, high) = if swapped { (other, self) } else { (self, other) };
        let (head, tail) = memory.split_at_mut_checked(high.start as usize).unwrap_or_default();
        let low = head.get_mut(low.start as usize..).and_then(|bytes| bytes.get_mut(..low.length as usize));
        let (low, high) = (low.unwrap_or_default(), tail.get_mut(..high.length as usize).unwrap_or_default());
        if swapped { (high, low) } else { (low, high) }
    }

    /// [`Region::split`] with the bytes of `scratch` as words.
    pub(crate) fn split_words(self, scratch: Region, memory: &mut [i8]) -> (&mut [i8], &mut [i32]) {
        let (data, scratch) = self.split(scratch, memory);
        (data, bytemuck::try_cast_slice_mut(scratch).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::Region;

    #[test]
    fn a_hull_at_the_end_of_all_addresses_does_not_panic() {
        let [low, high] = [Region { start: 16, length: 32 }, Region { start: u32::MAX - 3, length: 64 }];
        assert_eq!(low.hull(high).start, 16);
        assert_eq!(high.hull(high).start, u32::MAX - 3);
    }
}
