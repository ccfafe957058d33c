//! Places in the arena: offsets with the smallest peak.

use super::fold::Stage;
use super::range::StageTensor;

/// A tensor's size and when it is in use, both ends included: step 0 is the latent, step n + 1 is stage n.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Lifetime {
    pub(super) bytes: usize,
    pub(super) written: usize,
    pub(super) read: usize,
}

impl Lifetime {
    fn meets(self, other: Lifetime) -> bool {
        self.written <= other.read && other.written <= self.read
    }
}

/// Offsets are multiples of this, so that kernels may read words.
const ALIGNMENT: usize = 4;

/// Lifetimes of the latent's tensor and the stages'.
pub(super) fn lifetimes(stages: &[Stage], tensors: &[StageTensor]) -> Vec<Lifetime> {
    let read = |tensor: usize| {
        let readers = stages.iter().enumerate().filter(|(_, stage)| stage.input.tensor() == tensor);
        readers.map(|(stage, _)| stage + 1).max().unwrap_or(tensor)
    };
    let lifetime = |(index, tensor): (usize, &StageTensor)| Lifetime {
        bytes: tensor.shape.size(),
        written: index,
        read: read(index),
    };
    tensors.iter().enumerate().map(lifetime).collect()
}

/// The most bytes in use at one time: no plan has a smaller peak.
pub(super) fn lower_bound(tensors: &[Lifetime]) -> usize {
    let in_use = |step: usize| {
        let live = tensors.iter().filter(|tensor| (tensor.written..=tensor.read).contains(&step));
        live.map(|tensor| tensor.bytes.next_multiple_of(ALIGNMENT)).sum()
    };
    (0..tensors.len()).map(in_use).max().unwrap_or(0)
}

/// One offset a tensor.
///
/// Tensors are placed one after the other at the lowest offset that is free throughout their life; which order is best
/// is searched, depth first, and the search ends where the lower bound is reached.
pub(super) fn offsets(tensors: &[Lifetime]) -> Vec<u32> {
    /// Orders tried at most; far more than straight-line networks need.
    const TRIES: usize = 20_000;
    let mut largest_first: Vec<usize> = (0..tensors.len()).collect();
    largest_first.sort_by_key(|&tensor| std::cmp::Reverse(tensors[tensor].bytes));
    let mut search = Search {
        tensors,
        order: largest_first,
        bound: lower_bound(tensors),
        best: (usize::MAX, Vec::new()),
        tries: TRIES,
    };
    search.place(&mut vec![None; tensors.len()], 0);
    search.best.1.iter().map(|&offset| u32::try_from(offset).expect("arenas below 4 GiB")).collect()
}

struct Search<'t> {
    tensors: &'t [Lifetime],
    order: Vec<usize>,
    bound: usize,
    best: (usize, Vec<usize>),
    tries: usize,
}

impl Search<'_> {
    fn place(&mut self, placed: &mut Vec<Option<usize>>, peak: usize) {
        if peak >= self.best.0 {
            return;
        }
        let Some(_) = placed.iter().position(Option::is_none) else {
            self.tries = self.tries.saturating_sub(1);
            self.best = (peak, placed.iter().flatten().copied().collect());
            return;
        };
        for position in 0..self.order.len() {
            let tensor = self.order[position];
            let done = self.best.0 == self.bound || self.tries == 0;
            if done || placed[tensor].is_some() {
                continue;
            }
            let offset = self.lowest_free(placed, tensor);
            placed[tensor] = Some(offset);
            self.place(placed, peak.max(offset + self.tensors[tensor].bytes));
            placed[tensor] = None;
            self.tries = self.tries.saturating_sub(1);
        }
    }

    fn lowest_free(&self, placed: &[Option<usize>], tensor: usize) -> usize {
        let own = self.tensors[tensor];
        let mut taken: Vec<(usize, usize)> = (placed.iter().zip(self.tensors))
            .filter(|(_, other)| own.meets(**other))
            .filter_map(|(offset, other)| offset.map(|offset| (offset, offset + other.bytes)))
            .collect();
        taken.sort_unstable();
        let mut candidate = 0;
        for (start, end) in taken {
            if candidate + own.bytes > start {
                candidate = candidate.max(end.next_multiple_of(ALIGNMENT));
            } else {
                break;
            }
        }
        candidate
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn peak(tensors: &[Lifetime], offsets: &[u32]) -> usize {
        tensors.iter().zip(offsets).map(|(tensor, &offset)| offset as usize + tensor.bytes).max().unwrap()
    }

    proptest! {
        #[test]
        fn a_straight_line_reaches_the_lower_bound(sizes in prop::collection::vec(1usize..5000, 2..9)) {
            let last = sizes.len() - 1;
            let tensors: Vec<Lifetime> = sizes.iter().enumerate()
                .map(|(step, &size)| Lifetime { bytes: size * 4, written: step, read: (step + 1).min(last) })
                .collect();
            let offsets = offsets(&tensors);
            prop_assert_eq!(peak(&tensors, &offsets), lower_bound(&tensors));
        }

        #[test]
        fn tensors_in_use_at_one_time_never_overlap(
            parts in prop::collection::vec((1usize..100, 0usize..6, 0usize..6), 1..8),
        ) {
            let tensors: Vec<Lifetime> = parts.iter()
                .map(|&(bytes, a, b)| Lifetime { bytes, written: a.min(b), read: a.max(b) })
                .collect();
            let offsets = offsets(&tensors);
            for (a, &start_a) in tensors.iter().zip(&offsets) {
                for (b, &start_b) in tensors.iter().zip(&offsets) {
                    let (start_a, start_b) = (start_a as usize, start_b as usize);
                    let apart = start_a + a.bytes <= start_b || start_b + b.bytes <= start_a;
                    prop_assert!(std::ptr::eq(a, b) || !a.meets(*b) || apart);
                }
            }
        }
    }
}
