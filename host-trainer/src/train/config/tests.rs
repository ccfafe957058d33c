//! Ranges, and what is written and read again.

use super::*;

#[test]
fn a_written_configuration_reads_back_equal() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("config.toml");
    let mut config = TrainConfig { seed: i64::MAX as u64, ..TrainConfig::default() };
    config.data = DataConfig {
        dir: Some("digits".into()),
        dir_b: None,
        limit: Some(256),
        set: Some("letters".into()),
        invert: Some(true),
        ground: Some(Ground::White),
        stretch: Some(Stretch::Range([0, 4095])),
    };
    config.write(&path).unwrap();
    assert_eq!(TrainConfig::read(&path).unwrap(), config);
    config.data.stretch = Some(Stretch::Measured(false));
    config.write(&path).unwrap();
    assert_eq!(TrainConfig::read(&path).unwrap(), config);
}

#[test]
fn settings_outside_their_range_are_named() {
    let message = |change: fn(&mut TrainConfig)| {
        let mut config = TrainConfig::default();
        change(&mut config);
        config.validate().unwrap_err().to_string()
    };
    assert_eq!(message(|c| c.batch = 1), "batch is 1, but must be 2 to 4096");
    assert_eq!(
        message(|c| c.learning_rate = f64::NAN),
        "learning rate is NaN, but must be above 0 and at most 1"
    );
    assert!(message(|c| c.name = "../x".into()).contains("\"../x\""));
    assert_eq!(
        message(|c| c.data.stretch = Some(Stretch::Range([9, 9]))),
        "stretch is [9, 9], but must be a darker and a brighter grey of 0 to 65535"
    );
    TrainConfig::default().validate().unwrap();
}

#[test]
fn what_is_valid_overflows_nowhere_and_can_be_written() {
    let extremes = [0, 1, u64::from(u32::MAX), MOST_STEPS, MOST_STEPS + 1, i64::MAX as u64, u64::MAX];
    fn set(c: &mut TrainConfig, key: &str, n: u64) {
        // More than TOML holds is more than the largest that is valid.
        let n = i64::try_from(n).unwrap_or(i64::MAX);
        c.family = c.family.with(key, n).unwrap();
    }
    let settings: [fn(&mut TrainConfig, u64); 12] = [
        |c, n| c.steps = n,
        |c, n| c.qat_steps = n,
        |c, n| c.seed = n,
        |c, n| c.batch = n as usize,
        |c, n| set(c, "discriminator_steps", n),
        |c, n| c.checkpoint_every = n,
        |c, n| c.fid_every = n,
        |c, n| c.warm_up = n,
        |c, n| set(c, "r1.every", n),
        |c, n| c.data.limit = Some(n as usize),
        |c, n| set(c, "latent", n),
        |c, n| set(c, "generator_width", n),
    ];
    // The largest of all others that are valid.
    let mut most = TrainConfig { steps: MOST_STEPS, qat_steps: 1_000_000_000, ..TrainConfig::default() };
    (most.batch, most.checkpoint_every, most.seed) = (4096, MOST_STEPS, i64::MAX as u64);
    (most.fid_every, most.warm_up) = (MOST_STEPS, MOST_STEPS);
    for (key, n) in [("discriminator_steps", 100), ("r1.gamma", 1000), ("r1.every", MOST_STEPS)] {
        set(&mut most, key, n);
    }
    most.validate().unwrap();
    let mut valid = 0;
    for (set, extreme) in settings.iter().flat_map(|set| extremes.map(|extreme| (set, extreme))) {
        let mut config = most.clone();
        set(&mut config, extreme);
        if config.validate().is_err() {
            continue;
        }
        valid += 1;
        let last = config.all_steps();
        assert!(config.learning_rate_at(1).is_finite() && config.learning_rate_at(last).is_finite());
        assert!(config.step_in_phase(last) >= 1 && config.pictures_a_step() >= 1);
        let count = |key| config.family.count(key).unwrap();
        let gamma = config.family.get("r1.gamma").and_then(toml::Value::as_float).unwrap() as f32;
        let turns = last * count("discriminator_steps") as u64;
        assert!(turns > 0 && (gamma * count("r1.every") as f32).is_finite());
        assert_eq!(toml::from_str::<TrainConfig>(&config.to_toml()).unwrap(), config);
    }
    assert!(valid > 20, "{valid}");
}

#[cfg(unix)]
#[test]
fn a_path_that_is_no_text_is_kept() {
    use std::os::unix::ffi::OsStrExt;
    let dir = Path::new(std::ffi::OsStr::from_bytes(b"/data/caf\xe9")).to_owned();
    let data = DataConfig { dir: Some(dir), ..DataConfig::default() };
    let config = TrainConfig { data, ..TrainConfig::default() };
    assert_eq!(toml::from_str::<TrainConfig>(&config.to_toml()).unwrap(), config);
}

#[test]
fn the_learning_rate_falls_linearly_towards_zero() {
    let config = TrainConfig { steps: 4, learning_rate: 1.0, ..TrainConfig::default() };
    let rates: Vec<f64> = (1..=4).map(|step| config.learning_rate_at(step)).collect();
    assert_eq!(rates, [1.0, 0.75, 0.5, 0.25]);
}

#[test]
fn the_learning_rate_stays_above_its_floor() {
    let config = TrainConfig { steps: 4, learning_rate: 1.0, ..TrainConfig::default() };
    let config = TrainConfig { learning_rate_floor: 0.6, qat_steps: 2, ..config };
    let rates: Vec<f64> = (1..=6).map(|step| config.learning_rate_at(step)).collect();
    assert_eq!(rates, [1.0, 0.75, 0.6, 0.6, 0.01, 0.006]);
}

#[test]
fn the_learning_rate_rises_while_it_warms_up() {
    let config = TrainConfig { steps: 8, learning_rate: 1.0, warm_up: 4, ..TrainConfig::default() };
    let rates: Vec<f64> = (1..=5).map(|step| config.learning_rate_at(step)).collect();
    assert_eq!(rates, [0.25, 0.875 * 0.5, 0.75 * 0.75, 0.625, 0.5]);
    assert!(TrainConfig { warm_up: MOST_STEPS + 1, ..config }.validate().is_err());
}

#[test]
fn fine_tuning_starts_over_at_a_hundredth_of_the_learning_rate() {
    let config = TrainConfig { steps: 4, qat_steps: 2, learning_rate: 1.0, ..TrainConfig::default() };
    assert_eq!([4, 5, 6].map(|step| config.learning_rate_at(step)), [0.25, 0.01, 0.005]);
    assert_eq!([4, 5, 6].map(|step| config.step_in_phase(step)), [4, 1, 2]);
}
