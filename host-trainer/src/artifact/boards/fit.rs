//! A model on a board, in bytes.

use gan_core::KernelSet;
use gan_core::pack::{PackError, pack};
use serde::Serialize;

use super::{Board, bench};

/// Whether a model fits a board, and how closely.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fit {
    /// The board's name.
    pub board: &'static str,
    /// As its maker calls it.
    pub title: &'static str,
    /// Its core, without the Cortex.
    pub core: &'static str,
    /// The board whose measured firmware stands for this one's: then `code` and `variables` are estimates.
    pub estimated_from: Option<&'static str>,
    /// Whether both memories hold what they must.
    pub fits: bool,
    /// Code and the packed model.
    pub flash: Memory,
    /// Variables, the arena, the parsed model, the stack of parsing or of a picture (not that of drawing it).
    pub ram: Memory,
}

/// One of a board's memories.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Memory {
    /// What lies in it.
    pub parts: Vec<Part>,
    /// The sum of the parts.
    pub used: usize,
    /// What the board has.
    pub total: usize,
}

/// A part of a memory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Part {
    /// What it is.
    pub name: &'static str,
    /// Its size.
    pub bytes: usize,
}

impl Memory {
    fn new(total: usize, parts: &[(&'static str, usize)]) -> Memory {
        let parts: Vec<Part> = parts.iter().map(|&(name, bytes)| Part { name, bytes }).collect();
        Memory { used: parts.iter().map(|part| part.bytes).sum(), parts, total }
    }

    /// Bytes that are missing; 0 where all fit.
    pub fn missing(&self) -> usize {
        self.used.saturating_sub(self.total)
    }

    /// Bytes that are left; negative where some are missing.
    pub fn left(&self) -> i64 {
        self.total as i64 - self.used as i64
    }
}

/// `file` on each of `boards`, laid out for the kernels of its core as the firmware's build lays it out. A file that is
/// laid out for a core already is on the boards with such a core only.
///
/// # Errors
/// `file` is no model file.
pub fn fits(file: &[u8], boards: impl IntoIterator<Item = &'static Board>) -> Result<Vec<Fit>, PackError> {
    let mut layouts: Vec<(KernelSet, Option<Layout>)> = Vec::new();
    let mut found = Vec::new();
    for board in boards {
        let set = board.kernels();
        let known = layouts.iter().find(|(other, _)| *other == set).map(|(_, layout)| *layout);
        let layout = match known {
            Some(layout) => layout,
            None => {
                let layout = Layout::of(file, set)?;
                layouts.push((set, layout));
                layout
            }
        };
        found.extend(layout.map(|layout| layout.on(board)));
    }
    Ok(found)
}

/// A model in a core's layout.
#[derive(Debug, Clone, Copy)]
struct Layout {
    file_bytes: usize,
    arena_bytes: usize,
}

impl Layout {
    /// None if the file is laid out for another core.
    fn of(file: &[u8], set: KernelSet) -> Result<Option<Layout>, PackError> {
        match pack(file, set) {
            Ok(packed) => Ok(Some(Layout { file_bytes: packed.file.len(), arena_bytes: packed.arena_bytes })),
            Err(PackError::Packed(own)) => {
                let as_it_is = Layout { file_bytes: file.len(), arena_bytes: gan_core::arena_bytes(file) };
                Ok((own == set).then_some(as_it_is))
            }
            Err(error) => Err(error),
        }
    }

    fn on(self, board: &'static Board) -> Fit {
        let (program, needs) = (board.program(), bench::needs(&board.core));
        let flash = Memory::new(board.flash_bytes, &[("code", program.code), ("model", self.file_bytes)]);
        let ram = Memory::new(
            board.ram_bytes,
            &[
                ("variables", program.variables),
                ("arena", self.arena_bytes),
                ("parsed", needs.parsed_model),
                ("stack", needs.stack),
            ],
        );
        Fit {
            board: &board.name,
            title: &board.title,
            core: &board.core,
            estimated_from: board.estimated_from(),
            fits: flash.missing() == 0 && ram.missing() == 0,
            flash,
            ram,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use gan_core::synthetic::{Activation, Synthetic, reference};

    fn on(file: &[u8], board: &str) -> Fit {
        fits(file, [Board::named(board).unwrap()]).unwrap().remove(0)
    }

    #[test]
    fn the_pretrained_model_takes_what_the_firmware_with_it_was_measured_to_take() {
        let model = include_bytes!("../../../../models/mnist.gan");
        for (board, sizes) in super::super::SIZES {
            let sizes: serde_json::Value = serde_json::from_str(sizes).unwrap();
            let bytes = |name: &str| sizes[name].as_u64().unwrap() as usize;
            let fit = on(model, board);
            assert!(fit.fits && fit.estimated_from.is_none());
            let part = |memory: &Memory, name: &str| {
                memory.parts.iter().find(|part| part.name == name).unwrap().bytes
            };
            assert_eq!(fit.flash.used, bytes("code_bytes") + bytes("model_bytes"), "{board}");
            let parsed = if board == "pico2" { 0 } else { part(&fit.ram, "parsed") };
            let on_stack = part(&fit.ram, "stack") + parsed;
            assert_eq!(fit.ram.used, bytes("static_ram_bytes") + on_stack, "{board}");
        }
    }

    #[test]
    fn what_is_too_large_is_counted() {
        let fit = on(&reference(), "bluepill");
        assert!(!fit.fits);
        assert_eq!(fit.flash.missing(), fit.flash.used - 64 * 1024);
        assert_eq!((fit.ram.missing(), fit.ram.left()), (0, (fit.ram.total - fit.ram.used) as i64));
        // 30 KB of activations on 20 KB of RAM, of few weights.
        let wide = Synthetic::new(1, 2).dense(2, 2, 2, Activation::Relu);
        let wide = wide.conv_transpose(4, 4, 0, 0, 60, Activation::Relu);
        let wide = wide.conv_transpose(4, 4, 0, 0, 30, Activation::Tanh).finish("wide");
        let fit = on(&wide, "bluepill");
        assert!(fit.ram.missing() > 0 && fit.ram.left() == -(fit.ram.missing() as i64), "{fit:?}");
    }

    #[test]
    fn a_packed_file_is_on_the_boards_of_its_core_only() {
        let packed = pack(&reference(), KernelSet::Dsp).unwrap().file;
        let found = fits(&packed, Board::all()).unwrap();
        assert!(found.len() > 1 && found.iter().all(|fit| ["M4", "M33"].contains(&fit.core)));
        let portable = fits(&reference(), Board::all()).unwrap();
        for fit in &found {
            assert!(portable.contains(fit), "{fit:?}");
        }
        assert!(fits(b"no model", Board::all()).is_err());
    }
}
