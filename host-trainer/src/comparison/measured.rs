//! What `cargo xtask bench --pretrained` has counted of the pretrained models.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// Counts by model, of record.
const RECORD: &str = include_str!("../../../tools/golden/pretrained.json");

/// Instructions and cycles of a picture by core, counted in the emulator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counted {
    /// MD5 of the model file that was counted.
    pub model_md5: String,
    /// By core.
    pub cores: BTreeMap<String, OfCore>,
}

/// On one core.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfCore {
    /// Instructions a picture; exact.
    pub instructions: u64,
    /// Cycles a picture; an estimate from a table, upwards.
    pub estimated_cycles: u64,
    /// Bytes of the arena in the core's layout.
    pub arena_bytes: u64,
}

static COUNTED: LazyLock<BTreeMap<String, Counted>> = LazyLock::new(|| {
    serde_json::from_str(RECORD).expect("`cargo xtask bench --pretrained --bless` wrote the file")
});

/// The counts of the model called `name` in `models/` whose file has this MD5.
pub fn counted(name: &str, model_md5: &str) -> Option<Counted> {
    COUNTED.get(name).filter(|counted| counted.model_md5 == model_md5).cloned()
}
