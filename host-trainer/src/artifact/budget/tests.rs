//! Budgets beside models.

use super::*;

fn set(config: &mut TrainConfig, key: &str, value: impl Into<toml::Value>) {
    config.family = config.family.with(key, value).unwrap();
}

fn of(change: impl FnOnce(&mut TrainConfig)) -> Budget {
    let mut config = TrainConfig { name: "mnist".into(), ..TrainConfig::default() };
    change(&mut config);
    budget(&config, Board::all()).unwrap()
}

#[test]
fn the_default_configurations_budget_is_the_pretrained_model_to_the_byte() {
    let file = AlignedBytes::new(include_bytes!("../../../../models/mnist.gan"));
    let model = Inspection::new(&file, &Model::parse(&file).unwrap());
    let budget = of(|_| ());
    assert_eq!((budget.file_bytes, budget.arena_bytes), (model.file_bytes, model.arena_bytes));
    assert_eq!((budget.macs, budget.layers), (model.macs, model.layers));
    let fits: Vec<Fit> = budget.boards.into_iter().map(|answer| answer.fit).collect();
    assert_eq!(fits, model.boards);
}

#[test]
fn the_widest_that_fits_fits_and_the_next_does_not() {
    let wide = of(|config| set(config, "generator_width", 48));
    let answer = |budget: &Budget, board: &str| {
        budget.boards.iter().find(|answer| answer.fit.board == board).unwrap().clone()
    };
    let (microbit, pico2) = (answer(&wide, "microbit"), answer(&wide, "pico2"));
    assert!(pico2.fit.fits && pico2.widest.is_none());
    let widest = microbit.widest.unwrap();
    let fits =
        |width| answer(&of(|config| set(config, "generator_width", width as i64)), "microbit").fit.fits;
    assert!(!microbit.fit.fits && widest > 16 && fits(widest) && !fits(widest + 1), "{widest}");
    let text = wide.to_string();
    assert!(text.contains(&format!("The widest that fits: --width {widest}.")), "{text}");
    assert!(text.contains("the largest layer is dense, relu, "), "{text}");
}

#[test]
fn a_board_that_holds_no_generator_says_so() {
    // Code alone leaves 5.9 KB of the Blue Pill's flash.
    let budget = of(|config| set(config, "latent", 128));
    let bluepill = budget.boards.iter().find(|answer| answer.fit.board == "bluepill").unwrap();
    assert_eq!(bluepill.widest, Some(0));
    assert!(budget.to_string().contains("No width fits."));
}

#[test]
fn without_classes_no_pictures_are_read() {
    let nowhere = |config: &mut TrainConfig| config.data.dir = Some("/nowhere".into());
    let unconditional = of(|config| {
        nowhere(config);
        set(config, "conditional", false);
    });
    assert_eq!(unconditional.classes, 0);
    let mut config = TrainConfig::default();
    nowhere(&mut config);
    assert!(budget(&config, Board::all()).unwrap_err().to_string().contains("/nowhere"));
}
