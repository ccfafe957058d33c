//! Files, assignments, and what is wrong with them in words.

use super::*;

fn from_file(text: &str) -> Result<TrainConfig, String> {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("mine.toml");
    std::fs::write(&path, text).unwrap();
    let folder = format!("{}/", dir.path().display());
    TrainConfig::default().with_file(&path).map_err(|error| error.to_string().replace(&folder, ""))
}

fn set(assignment: &str) -> Result<TrainConfig, String> {
    TrainConfig::default().with_assignment(assignment).map_err(|error| error.to_string())
}

#[test]
fn what_a_file_leaves_out_is_the_recipes() {
    let recipe = TrainConfig::default();
    let config = from_file("batch = 32\n[family]\nlatent = 16\n[data]\nlimit = 100\n").unwrap();
    assert_eq!(
        (config.batch, config.family.count("latent").unwrap(), config.data.limit),
        (32, 16, Some(100))
    );
    assert_eq!((config.steps, config.family.get("r1")), (recipe.steps, recipe.family.get("r1")));
    assert_eq!(from_file("").unwrap(), recipe);
    assert_eq!(from_file(&toml::to_string(&config).unwrap()).unwrap(), config);
}

#[test]
fn assignments_reach_every_kind_of_value() {
    let config = set("family.latent = 16").unwrap();
    assert_eq!(set("latent=16").unwrap(), config);
    assert_eq!(config.family.count("latent").unwrap(), 16);
    assert_eq!(set("learning_rate=2e-4").unwrap().learning_rate, 2e-4);
    assert_eq!(set("generator_loss=minimax").unwrap(), set("generator_loss = \"minimax\"").unwrap());
    let config = set("family.conditional=false").unwrap();
    assert_eq!(config.family.get("conditional"), Some(&Value::Boolean(false)));
    assert_eq!(set("data.dir=some/where").unwrap().data.dir, Some("some/where".into()));
    assert_eq!(set("name=7").unwrap().name, "7");
    assert_eq!(set("data.set=letters").unwrap().data.set, Some("letters".into()));
    assert_eq!(set("data.ground=white").unwrap().data.ground, Some(Ground::White));
    assert_eq!(set("data.stretch=true").unwrap().data.stretch, Some(Stretch::Measured(true)));
    assert_eq!(set("data.stretch=[0, 4095]").unwrap().data.stretch, Some(Stretch::Range([0, 4095])));
    let config = set("r1.gamma=1").unwrap();
    assert_eq!(
        config.family.get("r1.gamma"),
        Some(&Value::Float(1.0)),
        "a whole number where a fraction may be"
    );
}

#[test]
fn an_assignment_after_a_number_that_cannot_be_written_names_the_number() {
    let config = TrainConfig { name: String::new(), steps: u64::MAX, ..TrainConfig::default() };
    let message = config.with_assignment("batch=8").unwrap_err().to_string();
    assert_eq!(message, "steps is 18446744073709551615, but must be 1 to 1000000000000000");
}

#[test]
fn unknown_keys_name_the_nearest() {
    let message = |key: &str| set(&format!("{key}=1")).unwrap_err();
    assert_eq!(message("bacth"), "--set: unknown key \"bacth\"; did you mean \"batch\"?");
    assert_eq!(message("latnet"), "--set: unknown key \"latnet\"; did you mean \"family.latent\"?");
    assert_eq!(message("r1.gama"), "--set: unknown key \"r1.gama\"; did you mean \"family.r1.gamma\"?");
    assert_eq!(message("data.limits"), "--set: unknown key \"data.limits\"; did you mean \"data.limit\"?");
    assert_eq!(message("zzzzzzzzzzzz"), "--set: unknown key \"zzzzzzzzzzzz\"");
    assert_eq!(
        from_file("[family]\ngenerator_widht = 8").unwrap_err(),
        "mine.toml: unknown key \"family.generator_widht\"; did you mean \"family.generator_width\"?"
    );
    assert!(from_file("family = 5").unwrap_err().starts_with("mine.toml: unknown key \"family\""));
}

#[test]
fn values_of_the_wrong_kind_are_named_with_what_was_expected() {
    assert_eq!(
        from_file("batch = \"many\"").unwrap_err(),
        "mine.toml: batch = \"many\": invalid type: string \"many\", expected usize"
    );
    let message = set("family.name=resnet").unwrap_err();
    assert!(
        message.starts_with("--set: family.name = \"resnet\": there is no family \"resnet\", but"),
        "{message}"
    );
    assert!(message.contains(TrainConfig::default().family.family().name), "{message}");
    let message = set("data.stretch=much").unwrap_err();
    assert!(
        message.ends_with("expected true, false or [DARKEST, BRIGHTEST], greys of 0 to 65535"),
        "{message}"
    );
    assert!(set("batch=-1").unwrap_err().starts_with("--set: batch = -1: "));
    assert_eq!(set("batch").unwrap_err(), "--set batch: expected KEY=VALUE, such as batch=32 or latent=16");
    assert!(from_file("batch = ").unwrap_err().contains("line 1"));
}

#[test]
fn numbers_that_no_setting_holds_are_named_with_the_largest() {
    let whole = "expected a whole number from 0 to 9223372036854775807";
    let huge = "99999999999999999999";
    assert_eq!(set(&format!("steps={huge}")).unwrap_err(), format!("--set: steps = {huge}: {whole}"));
    for number in [
        "9223372036854775808",
        "-99999999999999999999",
        "0xFFFFFFFFFFFFFFFFFF",
        "1_000_000_000_000_000_000_000",
    ] {
        assert_eq!(set(&format!("steps={number}")).unwrap_err(), format!("--set: steps = {number}: {whole}"));
    }
    assert_eq!(set("batch=-1").unwrap_err(), format!("--set: batch = -1: {whole}"));
    assert_eq!(set("batch=2.5").unwrap_err(), format!("--set: batch = 2.5: {whole}"));
    assert_eq!(set("data.limit=-5").unwrap_err(), format!("--set: data.limit = -5: {whole}"));
    assert_eq!(
        set("learning_rate=1e400").unwrap_err(),
        "--set: learning_rate = 1e400: expected a number of at most 1.7976931348623157e308"
    );
    assert_eq!(set("steps=007").unwrap_err(), "--set: steps = 007: expected 7 without zeros in front");
    assert_eq!((set("steps=0x10").unwrap().steps, set("steps=+1_000").unwrap().steps), (16, 1000));
    assert_eq!(set(&format!("name={huge}")).unwrap().name, huge, "a name may be of digits");
    assert_eq!(set("name=007").unwrap().name, "007");
    assert!(set("steps=soon").unwrap_err().contains("invalid type: string"));
}

#[test]
fn a_file_with_such_a_number_is_named_with_the_place_and_the_largest() {
    for (text, largest) in [
        (
            "batch = 32\nsteps = 99999999999999999999\n",
            "expected a whole number from 0 to 9223372036854775807",
        ),
        ("learning_rate = 1e400\n", "expected a number of at most 1.7976931348623157e308"),
    ] {
        let message = from_file(text).unwrap_err();
        assert!(message.starts_with("mine.toml: TOML parse error at line"), "{message}");
        assert!(message.contains(text.lines().last().unwrap()) && message.contains(largest), "{message}");
    }
    let message = from_file("[data]\nlimit = -1\n").unwrap_err();
    assert_eq!(message, "mine.toml: data.limit = -1: expected a whole number from 0 to 9223372036854775807");
}

#[test]
fn a_cause_is_in_the_message_alone() {
    let path = Path::new("no/such/file.toml");
    let error = TrainConfig::default().with_file(path).unwrap_err();
    assert!(std::error::Error::source(&error).is_none(), "{error}");
    assert!(error.to_string().contains("No such file") || cfg!(windows), "{error}");
}
