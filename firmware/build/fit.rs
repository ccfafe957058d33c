//! Whether models fit a board, before the linker has to find out.

/// Of a board's RAM, what is left to all that is not for models: variables (up to 6 KB by `cargo xtask size`), the frame of a
/// display (4 KB of the OLED's), the stack of parsing (2.7 KB by `cargo xtask bench`) and of drawing.
pub const PROGRAM_RAM_BYTES: u64 = 16 * 1024;
/// RAM of a parsed model, of which boards keep one for each file.
pub const PARSED_BYTES: u64 = 72;

/// A board's memories, in bytes.
#[derive(Debug, Clone, Copy)]
pub struct Memories {
    /// All of its flash.
    pub flash: u64,
    /// What the program may take of the flash without the models.
    pub code: u64,
    /// All of its RAM.
    pub ram: u64,
}

/// A model as it is embedded.
#[derive(Debug, Clone)]
pub struct Packed {
    /// What messages call it.
    pub name: String,
    /// The file, in bytes.
    pub flash: u64,
    /// Its arena, in bytes.
    pub arena: u64,
    /// Its largest input that is a picture, in bytes; 0 if it has none.
    pub picture: u64,
}

/// Fits `models` into a board's flash and RAM, one after the other.
///
/// # Errors
/// The first one that does not fit: its name, what it takes, and what is free.
pub fn fit(board: &str, memories: &Memories, models: &[Packed]) -> Result<(), String> {
    let mut flash = memories.flash.saturating_sub(memories.code);
    for (place, Packed { name, flash: bytes, .. }) in models.iter().enumerate() {
        // Each starts at a multiple of 16.
        let taken = bytes.next_multiple_of(16);
        flash = flash.checked_sub(taken).ok_or_else(|| {
            let before: String =
                models[..place].iter().map(|model| format!(", {} for {}", model.flash, model.name)).collect();
            format!(
                "{name} takes {taken} bytes of flash; of {board}'s {} are {flash} free, beside {} for the program{before}",
                memories.flash, memories.code
            )
        })?;
    }
    let parsed = PARSED_BYTES * models.len() as u64;
    let ram = memories.ram.saturating_sub(PROGRAM_RAM_BYTES + parsed);
    let pictures = 2 * models.iter().map(|model| model.picture).max().unwrap_or(0);
    for Packed { name, arena, .. } in models {
        let taken = arena + pictures;
        if taken > ram {
            return Err(format!(
                "{name} takes {taken} bytes of RAM ({arena} of arena, {pictures} for pictures kept); of {board}'s {} are \
                 {ram} free, beside {PROGRAM_RAM_BYTES} for the program and {parsed} for parsed models",
                memories.ram
            ));
        }
    }
    Ok(())
}
