//! The backends of one build train alike: they compute the same steps, rounding apart.
#![cfg(feature = "ndarray")]

use host_trainer::backend::Backend;
use host_trainer::players::{AdamConfig, Row};
use host_trainer::train::{self, DataConfig, Outcome, TrainConfig};
use std::path::Path;
use std::sync::atomic::AtomicBool;

const STEPS: u64 = 10;

fn rows(backend: Backend, dir: &Path) -> Vec<Row> {
    let recipe = TrainConfig::default();
    // Settings of its own: how fast rounding grows into losses depends on them.
    let config = TrainConfig {
        steps: STEPS,
        batch: 16,
        learning_rate: 1e-3,
        adam: AdamConfig { beta_1: 0.5, beta_2: 0.999 },
        family: recipe.family.with("r1.gamma", 0.5).unwrap(),
        backend,
        data: DataConfig { limit: Some(256), ..recipe.data },
        ..recipe
    };
    let dir = dir.join(backend.to_string());
    let record = config.family.family().record;
    let outcome = train::start(config, &dir, &AtomicBool::new(false)).unwrap();
    assert!(matches!(outcome, Outcome::Finished(_)));
    train::read_losses(&dir.join("losses.csv"), record).unwrap()
}

#[test]
fn ten_steps_on_ndarray_are_ten_steps_on_flex() {
    let dir = tempfile::tempdir().unwrap();
    let (flex, ndarray) = (rows(Backend::Flex, dir.path()), rows(Backend::Ndarray, dir.path()));
    assert_eq!((flex.len(), ndarray.len()), (STEPS as usize, STEPS as usize));
    for (a, b) in flex.iter().zip(&ndarray) {
        let numbers =
            |row: &Row| row.values.iter().flatten().copied().chain([row.spread]).collect::<Vec<_>>();
        for (a, b) in numbers(a).into_iter().zip(numbers(b)) {
            assert!((a - b).abs() < 1e-4, "flex {a}, ndarray {b}\n{flex:?}\n{ndarray:?}");
        }
    }
}
