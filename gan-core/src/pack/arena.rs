//! The arena: tensors and working memories at offsets with a small peak.
//!
//! An op that has read its operand before it writes, or that reads it ahead of what it writes, may write over it. So of
//! two neighbouring tensors only the larger one, and sometimes a little more, takes memory.

use std::collections::HashMap;
use std::vec;
use std::vec::Vec;

use crate::constants::Constants;
use crate::format::{ALIGNMENT, EntryRecord, File, OpRecord};
use crate::lifetime::{Life, Lifetimes};
use crate::ops::overlap::Overlap;
use crate::ops::{Context, Op};
use crate::region::Region;
use crate::write::{AlignedBytes, ModelWriter};

/// Tensors lie at multiples of this, so that kernels may read words.
const STEP: usize = 4;
/// Places that the search tries at most.
const TRIES: usize = 50_000;

/// Gives the tensors and working memories of `writer` their places; returns the bytes in use at one time, below which no
/// plan can be.
pub(super) fn plan(writer: &mut ModelWriter) -> usize {
    // What the ops need and allow is theirs to say: read back from the file, whatever its places are now.
    let bytes = AlignedBytes::new(&writer.finish());
    let file = File::open(&bytes).expect("a file that was just written");
    let context = Context { file: &file, constants: Constants(file.constants), set: writer.set };
    let op = |record: OpRecord| {
        let op = Op::new(&record, &context).expect("an op of a model that parse has accepted");
        (record, op)
    };
    let ops: Vec<(OpRecord, Op<'_>)> = file.ops.iter().map(op).collect();
    let problem = Problem::new(&file, &ops);
    let lower_bound = problem.lower_bound();
    let plan = Search::of(&problem, lower_bound);
    let offset = |offset: usize| u32::try_from(offset).expect("arenas below 4 GiB");
    for (tensor, &at) in writer.tensors.iter_mut().zip(&plan.tensors) {
        tensor.offset = offset(at);
    }
    writer.scratch.clear();
    for ((op, &at), &bytes) in writer.ops.iter_mut().zip(&plan.scratch).zip(&problem.scratch_bytes) {
        op.scratch = offset(at);
        writer.scratch.push(offset(at + bytes));
    }
    lower_bound
}

/// What two tensors are to each other.
#[derive(Clone)]
enum Relation {
    /// They are never in use together.
    Free,
    /// They may not overlap.
    Apart,
    /// `operand` is read for the last time by the op that writes the other one, which may lie over it as all of these allow.
    Over { operand: usize, overlaps: Vec<Overlap> },
}

impl Relation {
    fn join(&mut self, other: Relation) {
        *self = match (std::mem::replace(self, Relation::Free), other) {
            (Relation::Free, relation) | (relation, Relation::Free) => relation,
            (Relation::Over { operand, mut overlaps }, Relation::Over { operand: same, overlaps: more })
                if operand == same =>
            {
                overlaps.extend(more);
                Relation::Over { operand, overlaps }
            }
            _ => Relation::Apart,
        }
    }
}

/// Sizes, and who may lie where.
struct Problem<'p> {
    bytes: Vec<usize>,
    scratch_bytes: Vec<usize>,
    /// Lower triangle: `[tensor][other below it]`.
    relations: Vec<Vec<Relation>>,
    ops: Vec<&'p OpRecord>,
    /// Tensors in use while an op runs, its operands and its output among them.
    in_use: Vec<Vec<usize>>,
    /// By `[operand, output]`: see [`Problem::shifts`].
    shifts: HashMap<[usize; 2], Vec<isize>>,
}

impl<'p> Problem<'p> {
    fn new(file: &File<'_>, ops: &'p [(OpRecord, Op<'_>)]) -> Self {
        let count = file.tensors.count();
        let bytes = file.tensors.iter().map(|tensor| super::records::shape(&tensor).size()).collect();
        let mut relations: Vec<Vec<Relation>> =
            (0..count).map(|tensor| vec![Relation::Free; tensor]).collect();
        let mut in_use: Vec<Vec<usize>> = vec![vec![]; ops.len()];
        for entry in file.entries.iter() {
            let lives = Lifetimes::of(file, &entry).expect("an entry that parse has accepted");
            let life = |tensor: usize| lives.get(tensor as u8);
            for (tensor, below) in relations.iter_mut().enumerate() {
                for (other, known) in below.iter_mut().enumerate() {
                    if life(tensor).meets(life(other)) {
                        known.join(relation(&entry, ops, (tensor, life(tensor)), (other, life(other))));
                    }
                }
            }
            for step in 1..=entry.ops {
                let users = &mut in_use[usize::from(entry.first + step - 1)];
                users.extend((0..count).filter(|&tensor| life(tensor).holds(step)));
                users.sort_unstable();
                users.dedup();
            }
        }
        let scratch_bytes = ops.iter().map(|(_, op)| op.scratch.length as usize).collect();
        let ops = ops.iter().map(|(record, _)| record).collect();
        let mut problem = Problem { bytes, scratch_bytes, relations, ops, in_use, shifts: HashMap::new() };
        for (a, b) in (0..count).flat_map(|a| (0..a).map(move |b| (a, b))) {
            if let Relation::Over { operand, .. } = problem.relation(a, b) {
                let pair = if *operand == a { [a, b] } else { [b, a] };
                problem.shifts.insert(pair, problem.possible_shifts(pair));
            }
        }
        problem
    }

    fn relation(&self, a: usize, b: usize) -> &Relation {
        &self.relations[a.max(b)][a.min(b)]
    }

    /// Whether `a` and `b` may lie there.
    fn allows(&self, (a, a_at): (usize, usize), (b, b_at): (usize, usize)) -> bool {
        match self.relation(a, b) {
            Relation::Free => true,
            Relation::Apart => a_at + self.bytes[a] <= b_at || b_at + self.bytes[b] <= a_at,
            Relation::Over { operand, overlaps } => {
                let region =
                    |tensor: usize, at: usize| Region { start: at as u32, length: self.bytes[tensor] as u32 };
                let (a_region, b_region) = (region(a, a_at), region(b, b_at));
                let (operand, output) =
                    if *operand == a { (a_region, b_region) } else { (b_region, a_region) };
                overlaps.iter().all(|overlap| overlap.allows(operand, output))
            }
        }
    }

    /// How far `operand` may start above (or, negative, below) `output`; nothing where it may not lie over it.
    fn shifts(&self, operand: usize, output: usize) -> &[isize] {
        self.shifts.get(&[operand, output]).map_or(&[], Vec::as_slice)
    }

    fn possible_shifts(&self, [operand, output]: [usize; 2]) -> Vec<isize> {
        let base = self.bytes[operand].next_multiple_of(STEP);
        let places = (0..=base + self.bytes[output]).step_by(STEP);
        let allowed = places.filter(|&at| self.allows((operand, at), (output, base)));
        allowed.map(|at| at as isize - base as isize).collect()
    }

    /// Bytes that the busiest op needs, whatever the plan.
    fn lower_bound(&self) -> usize {
        let of_op = |(index, op): (usize, &&OpRecord)| {
            let all: usize = self.in_use[index].iter().map(|&tensor| self.bytes[tensor]).sum();
            let output = usize::from(op.output);
            let mut operands: Vec<usize> = op.operands.iter().map(|&operand| operand.into()).collect();
            operands.sort_unstable();
            operands.dedup();
            let shared = |operand: &usize| {
                let together = self.shifts(*operand, output);
                let (operand, output) = (self.bytes[*operand] as isize, self.bytes[output] as isize);
                let hull = |shift: isize| (shift + operand).max(output) - shift.min(0);
                let hulls = together.iter().copied().map(hull);
                (operand + output - hulls.min().unwrap_or(operand + output)).max(0) as usize
            };
            let shared: usize = operands.iter().map(shared).sum();
            all - shared.min(self.bytes[output]) + self.scratch_bytes[index]
        };
        self.ops.iter().enumerate().map(of_op).max().unwrap_or(0)
    }

    /// The lowest place for an op's working memory, outside what its operands and output span and every tensor in use.
    fn scratch_offset(&self, op: usize, tensors: &[usize]) -> usize {
        let needed = self.scratch_bytes[op];
        if needed == 0 {
            return 0;
        }
        let span = |tensor: usize| (tensors[tensor], tensors[tensor] + self.bytes[tensor]);
        let output = span(self.ops[op].output.into());
        let hulls = self.ops[op].operands.iter().map(|&operand| {
            let operand = span(operand.into());
            (operand.0.min(output.0), operand.1.max(output.1))
        });
        let mut taken: Vec<(usize, usize)> = hulls.collect();
        taken.extend(self.in_use[op].iter().map(|&tensor| span(tensor)));
        taken.sort_unstable();
        let mut at = 0;
        for (start, end) in taken {
            if at + needed > start {
                at = at.max(end.next_multiple_of(ALIGNMENT));
            }
        }
        at
    }
}

/// What two tensors that meet in `entry` are to each other there.
fn relation(
    entry: &EntryRecord<'_>,
    ops: &[(OpRecord, Op<'_>)],
    a: (usize, Life),
    b: (usize, Life),
) -> Relation {
    let ((operand, read), (output, written)) = if a.1.written < b.1.written { (a, b) } else { (b, a) };
    if written.written == 0 || read.read != written.written {
        return Relation::Apart;
    }
    let (record, op) = &ops[usize::from(entry.first + written.written - 1)];
    let places = record.operands.iter().enumerate().filter(|(_, tensor)| usize::from(**tensor) == operand);
    let overlaps: Vec<Overlap> = places.map(|(place, _)| op.overlap(place)).collect();
    let may = !overlaps.is_empty() && usize::from(record.output) == output;
    if may { Relation::Over { operand, overlaps } } else { Relation::Apart }
}

/// Offsets of tensors and working memories.
#[derive(Clone)]
struct Plan {
    peak: usize,
    tensors: Vec<usize>,
    scratch: Vec<usize>,
}

/// Depth first from the last tensor to the first: where a tensor may lie is known once its reader's output is placed.
/// It starts from a plan by size, so that a large network has one when the tries are used up.
struct Search<'p> {
    problem: &'p Problem<'p>,
    lower_bound: usize,
    best: Plan,
    tries: usize,
}

impl<'p> Search<'p> {
    fn of(problem: &'p Problem<'p>, lower_bound: usize) -> Plan {
        let best = Plan { peak: usize::MAX, tensors: vec![], scratch: vec![] };
        let mut search = Search { problem, lower_bound, best, tries: TRIES };
        let count = problem.bytes.len();
        let mut largest_first: Vec<usize> = (0..count).collect();
        largest_first.sort_by_key(|&tensor| std::cmp::Reverse(problem.bytes[tensor]));
        search.place_lowest(&largest_first);
        search.place(&mut vec![None; count], count);
        search.best
    }

    /// One plan: each tensor in turn as low as it may lie.
    fn place_lowest(&mut self, order: &[usize]) {
        let mut placed = vec![None; order.len()];
        for &tensor in order {
            let lowest =
                self.candidates(tensor, &placed).into_iter().find(|&at| self.fits(tensor, at, &placed));
            placed[tensor] = Some(lowest.expect("behind all others there is room"));
        }
        self.keep(&placed);
    }

    /// Keeps a whole plan if it is the best so far.
    fn keep(&mut self, placed: &[Option<usize>]) {
        let problem = self.problem;
        let tensors: Vec<usize> = placed.iter().map(|at| at.expect("all are placed")).collect();
        let scratch: Vec<usize> =
            (0..problem.ops.len()).map(|op| problem.scratch_offset(op, &tensors)).collect();
        let ends = |at: &[usize], bytes: &[usize]| at.iter().zip(bytes).map(|(at, bytes)| at + bytes).max();
        let peak = ends(&tensors, &problem.bytes).max(ends(&scratch, &problem.scratch_bytes)).unwrap_or(0);
        if peak < self.best.peak {
            self.best = Plan { peak, tensors, scratch };
        }
    }

    fn place(&mut self, placed: &mut Vec<Option<usize>>, left: usize) {
        let ends = placed.iter().zip(&self.problem.bytes).filter_map(|(at, bytes)| Some((*at)? + bytes));
        if ends.max().unwrap_or(0) >= self.best.peak {
            return;
        }
        let Some(tensor) = left.checked_sub(1) else {
            self.keep(placed);
            return;
        };
        for at in self.candidates(tensor, placed) {
            // What the alignment of working memory takes is no fault of a plan.
            if self.tries == 0 || self.best.peak < self.lower_bound + ALIGNMENT {
                return;
            }
            self.tries -= 1;
            if self.fits(tensor, at, placed) {
                placed[tensor] = Some(at);
                self.place(placed, tensor);
                placed[tensor] = None;
            }
        }
    }

    /// Offsets worth a try: at the bottom, at the top, beside another tensor, and over an output as low and as high as
    /// the op allows.
    fn candidates(&self, tensor: usize, placed: &[Option<usize>]) -> Vec<usize> {
        let bytes = &self.problem.bytes;
        let mut candidates = vec![0, self.lower_bound.saturating_sub(bytes[tensor]) / STEP * STEP];
        for (other, at) in placed.iter().enumerate().filter_map(|(other, at)| Some((other, (*at)?))) {
            candidates.push((at + bytes[other]).next_multiple_of(STEP));
            candidates.extend(at.checked_sub(bytes[tensor]).map(|at| at / STEP * STEP));
            let shifts = self.problem.shifts(tensor, other);
            if !shifts.is_empty() {
                let inside = (bytes[other] as isize - bytes[tensor] as isize) / STEP as isize * STEP as isize;
                let above = shifts.iter().copied().filter(|&shift| shift >= 0).min();
                let tried = [Some(0), Some(inside), above].into_iter().flatten();
                let tried = tried.filter(|shift| shifts.contains(shift));
                candidates.extend(tried.filter_map(|shift| usize::try_from(at as isize + shift).ok()));
            }
        }
        candidates.sort_unstable();
        candidates.dedup();
        candidates
    }

    fn fits(&self, tensor: usize, at: usize, placed: &[Option<usize>]) -> bool {
        let placed = placed.iter().enumerate().filter_map(|(other, at)| Some((other, (*at)?)));
        placed.into_iter().all(|other| self.problem.allows((tensor, at), other))
    }
}
