//! When a tensor is in use: the one answer for parsing, packing, inspecting.

use crate::format::{EntryRecord, File};

/// The steps at which a tensor is in use, both ends included: step 0 is the inputs, step n + 1 is the entry's op n.
///
/// A picture that is drawn pixel by pixel is in use from the first step of its pass, though its last one writes it: what was drawn
/// is there for the next pixel. The pass needs no value of it from before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Life {
    /// The step that writes it.
    pub written: u8,
    /// The last step that reads it; [`Life::TO_THE_END`] for the entry's output and for what is written before a pass and read in it,
    /// again for each pixel; the step that writes it for a tensor that nothing reads.
    pub read: u8,
}

impl Life {
    /// The step behind all ops, at which the picture is read: an entry has at most 254 ops.
    pub const TO_THE_END: u8 = u8::MAX;
    /// Of a tensor that the entry does not touch.
    const UNUSED: Life = Life { written: 1, read: 0 };

    /// Whether the entry touches it.
    pub fn is_used(self) -> bool {
        self.written <= self.read
    }

    /// Whether it is in use at `step`.
    pub fn holds(self, step: u8) -> bool {
        self.written <= step && step <= self.read
    }

    /// Whether there is a step at which both are in use.
    pub fn meets(self, other: Life) -> bool {
        self.is_used() && other.is_used() && self.written <= other.read && other.written <= self.read
    }
}

/// The lives of all tensors in one entry.
#[derive(Debug, Clone, Copy)]
pub struct Lifetimes([Life; 256]);

impl Lifetimes {
    /// No tensor is used.
    pub(crate) const NONE: Lifetimes = Lifetimes([Life::UNUSED; 256]);

    /// The lives of all tensors in `entry`.
    ///
    /// # Errors
    /// The index of a tensor that is written twice, or read or handed out before it is written.
    pub fn of(file: &File<'_>, entry: &EntryRecord<'_>) -> Result<Self, u8> {
        let mut lives = Self::NONE;
        lives.trace(file, entry)?;
        Ok(lives)
    }

    /// [`Lifetimes::of`] in place: half a kilobyte that is not moved.
    #[cold] // for size
    pub(crate) fn trace(&mut self, file: &File<'_>, entry: &EntryRecord<'_>) -> Result<(), u8> {
        for input in file.inputs.iter() {
            if let Some(tensor) = input.kind.tensor() {
                self.write(tensor, 0)?;
            }
        }
        let pass = file.pass_of(entry);
        let has_pass = pass > 0;
        // The step of the pass's first op.
        let pass = entry.ops.saturating_sub(pass).saturating_add(1);
        let mut step = 0;
        for op in file.ops_of(entry) {
            // More than 254 ops are refused elsewhere.
            step = u8::saturating_add(step, 1);
            if has_pass && step == pass {
                self.write(entry.output, step)?;
            }
            for &operand in &op.operands {
                let again = has_pass && step >= pass && self.get(operand).written < pass;
                self.read(operand, if again { Life::TO_THE_END } else { step })?;
            }
            if !has_pass || step < pass || op.output != entry.output {
                self.write(op.output, step)?;
            }
        }
        self.read(entry.output, Life::TO_THE_END)
    }

    fn write(&mut self, tensor: u8, step: u8) -> Result<(), u8> {
        let life = &mut self.0[usize::from(tensor)];
        if life.is_used() {
            return Err(tensor);
        }
        *life = Life { written: step, read: step };
        Ok(())
    }

    fn read(&mut self, tensor: u8, step: u8) -> Result<(), u8> {
        let life = &mut self.0[usize::from(tensor)];
        if !life.is_used() {
            return Err(tensor);
        }
        life.read = life.read.max(step);
        Ok(())
    }

    /// The life of a tensor.
    pub fn get(&self, tensor: u8) -> Life {
        self.0[usize::from(tensor)]
    }
}
