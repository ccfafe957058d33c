//! What the tests of ops share.

use std::vec;

use proptest::prelude::*;

use crate::engine::Generator;
use crate::format::{File, InputKind};
use crate::kernel_set::KernelSet;
use crate::model::Model;
use crate::pack::pack;
use crate::reference;
use crate::write::AlignedBytes;

/// Runs the first entry of the model `file` on inputs of `seed`, extremes often among them, and holds what it makes to the definition:
/// as the trainer writes it, and with its arena planned, so that an output lies over an operand where it may.
pub(crate) fn equals_the_definition(file: &[u8], seed: u64) -> Result<(), TestCaseError> {
    let mut state = seed | 1;
    let mut next = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    for file in [file.to_vec(), pack(file, KernelSet::Portable).unwrap().file] {
        let file = AlignedBytes::new(&file);
        let model = Model::parse(&file).unwrap();
        let mut memory = vec![0; model.arena_bytes() + 15];
        let mut generator = Generator::in_memory(&model, &mut memory).unwrap();
        let (mut inputs, mut choices) = (vec![], vec![]);
        for (input, record) in model.inputs().enumerate() {
            choices.push(match record.kind {
                InputKind::Choice { count, .. } => (next() % u64::from(count)) as u8,
                _ => 0,
            });
            generator.choose(input, choices[input]);
            let values = generator.input_mut(input);
            // A constant picture now and then.
            let constant = next() % 8 == 0;
            let first = next() as i8;
            for value in values.iter_mut() {
                *value = match next() % 8 {
                    _ if constant => first,
                    0 => -128,
                    1 => 127,
                    _ => next() as i8,
                };
            }
            inputs.push(values.to_vec());
        }
        let expected = reference::run(&File::open(&file).unwrap(), 0, &inputs, &choices);
        prop_assert_eq!(generator.run().values(), &expected.last().unwrap()[..]);
    }
    Ok(())
}
