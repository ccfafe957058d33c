//! What the build says of models that a board's memories do not hold.

#[path = "../build/fit.rs"]
mod fit;

use fit::{Memories, PROGRAM_RAM_BYTES, Packed, fit};

const BOARD: Memories = Memories { flash: 262_144, code: 65_536, ram: 65_536 };

fn model(name: &str, flash: u64, arena: u64) -> Packed {
    Packed { name: name.into(), flash, arena, picture: 0 }
}

#[test]
fn models_that_fit_pass() {
    let three =
        [model("a.gan", 63_840, 5_352), model("b.gan", 63_840, 5_352), model("c.gan", 60_000, 40_000)];
    assert_eq!(fit("board", &BOARD, &three), Ok(()));
}

#[test]
fn the_model_that_flash_does_not_hold_is_named_with_its_bytes_and_what_is_free() {
    let error = fit("board", &BOARD, &[model("a.gan", 100_000, 10), model("b.gan", 96_609, 10)]).unwrap_err();
    for part in ["b.gan takes 96624 bytes of flash", "of board's 262144 are 96608 free", "100000 for a.gan"] {
        assert!(error.contains(part), "{error}");
    }
}

#[test]
fn the_model_whose_arena_ram_does_not_hold_is_named_with_its_bytes_and_what_is_free() {
    let error = fit("board", &BOARD, &[model("a.gan", 10, 10), model("b.gan", 10, 60_000)]).unwrap_err();
    let free = 65_536 - PROGRAM_RAM_BYTES - 2 * fit::PARSED_BYTES;
    for part in ["b.gan takes 60000 bytes of RAM".to_owned(), format!("of board's 65536 are {free} free")] {
        assert!(error.contains(&part), "{error}");
    }
}

#[test]
fn pictures_that_are_kept_for_one_model_take_the_ram_of_all() {
    let taking = Packed { picture: 12_288, ..model("b.gan", 10, 10) };
    let error = fit("board", &BOARD, &[model("a.gan", 10, 30_000), taking]).unwrap_err();
    assert!(error.contains("a.gan takes 54576 bytes of RAM (30000 of arena, 24576 for pictures"), "{error}");
}

/// What the check counts for a parsed model is what it takes.
#[test]
fn a_parsed_model_takes_no_more_than_is_counted() {
    // On a 32-bit core places are half as long.
    assert!(size_of::<gan_core::Model<'_>>() as u64 / 2 <= fit::PARSED_BYTES);
}
