//! What a model's inputs and entries let a person change.

mod common;

use firmware::controls::{self, Control, MAX_CONTROLS, Slider};
use firmware::shown::{MAX_SLIDERS, SEEDS, SLIDER_STEPS, Settings, TRUNCATION_STEPS, WALK_STEPS};
use gan_core::synthetic::{Activation, Synthetic};
use gan_core::{AlignedBytes, Model, Shape};

/// Two choices, two inputs of few uniform numbers, two entries, nothing drawn.
fn many_inputs() -> AlignedBytes {
    let choices: [(&str, &[&str]); 2] = [("kind", &["boot", "bag", "coat"]), ("size", &["small", "large"])];
    common::drawn_by_choices(&choices, &[("code", 2), ("tilt", 1)], &["front", "back"])
}

fn slider(number: u8, input: u8, part: u8) -> Control {
    Control::Slider(Slider { number, uniform: number, input, part })
}

fn label(control: Control, model: &Model<'_>) -> String {
    let mut text = String::new();
    control.write_label(model, &mut text).unwrap();
    text
}

fn value(control: Control, settings: &Settings, model: &Model<'_>) -> String {
    let mut text = String::new();
    control.write_value(settings, model, &mut text).unwrap();
    text
}

/// Steps `control` so often forward from the start, back if negative.
fn stepped(control: Control, model: &Model<'_>, steps: i32) -> Settings {
    let mut settings = Settings::new(17);
    for _ in 0..steps.abs() {
        control.change(&mut settings, model, steps > 0, 1);
    }
    settings
}

#[test]
fn a_latent_and_a_choice_call_for_choice_seed_walk_truncation_and_show() {
    let file = common::model(10);
    let model = Model::parse(&file).unwrap();
    let expected = [Control::Choice(0), Control::Seed, Control::Walk, Control::Truncation, Control::Show];
    assert_eq!(controls::of(&model), expected);
}

#[test]
fn entries_choices_and_few_uniform_numbers_have_a_control_each_and_without_normals_there_is_no_seed() {
    let file = many_inputs();
    let model = Model::parse(&file).unwrap();
    let expected = [
        Control::Entry,
        Control::Choice(0),
        Control::Choice(1),
        slider(0, 2, 1),
        slider(1, 2, 2),
        slider(2, 3, 0),
    ];
    let found = controls::of(&model);
    assert_eq!(found, expected);
    let labels: Vec<String> = found.iter().map(|control| label(*control, &model)).collect();
    assert_eq!(labels, ["entry", "kind", "size", "code 1", "code 2", "tilt"]);
    let at_start = Settings::new(0);
    let values: Vec<String> = found.iter().map(|control| value(*control, &at_start, &model)).collect();
    assert_eq!(values, ["front", "boot", "small", "0.0", "0.0", "0.0"]);
}

#[test]
fn a_model_of_one_entry_and_no_input_has_no_control() {
    let file = common::drawn_by_choices(&[], &[], &["only"]);
    assert!(controls::of(&Model::parse(&file).unwrap()).is_empty());
}

#[test]
fn many_uniform_numbers_are_drawn_by_the_seed_and_are_not_truncated() {
    let file = common::drawn_by_choices(&[], &[("noise", 62), ("code", 1)], &["only"]);
    let model = Model::parse(&file).unwrap();
    let code = Control::Slider(Slider { number: 0, uniform: 62, input: 1, part: 0 });
    assert_eq!(controls::of(&model), [code, Control::Seed, Control::Walk, Control::Show]);
}

#[test]
fn sliders_beyond_the_most_are_drawn_by_the_seed() {
    let file = common::drawn_by_choices(&[], &[("a", 4), ("b", 4), ("c", 4)], &["only"]);
    let found = controls::of(&Model::parse(&file).unwrap());
    assert_eq!(found.iter().filter(|control| matches!(control, Control::Slider(_))).count(), MAX_SLIDERS);
    assert!(found.contains(&Control::Seed));
}

#[test]
fn pictures_have_one_control_with_the_first_ones_name() {
    let side = Shape::new(8, 8, 1);
    let file = Synthetic::new(1, 4).picture(side).picture(side).sum(&[1, 2], side, Activation::None);
    let file = AlignedBytes::new(&file.finish("pair"));
    let model = Model::parse(&file).unwrap();
    let picture = Control::Picture(1);
    assert_eq!(
        controls::of(&model),
        [Control::Seed, Control::Walk, Control::Truncation, picture, Control::Show]
    );
    assert_eq!(
        (label(picture, &model), value(picture, &Settings::new(0), &model)),
        ("x".into(), "font".into())
    );
    assert_eq!(value(picture, &stepped(picture, &model, 2), &model), "2");
    assert_eq!(stepped(picture, &model, 256).taken, 1, "the count goes around, and never to the font");
}

#[test]
fn entries_and_choices_go_around() {
    let file = many_inputs();
    let model = Model::parse(&file).unwrap();
    let chosen = |steps| value(Control::Choice(0), &stepped(Control::Choice(0), &model, steps), &model);
    assert_eq!([-1, 0, 1, 2, 3].map(chosen), ["coat", "boot", "bag", "coat", "boot"]);
    let entry = |steps| value(Control::Entry, &stepped(Control::Entry, &model, steps), &model);
    assert_eq!([-1, 1, 2].map(entry), ["back", "back", "front"]);
}

#[test]
fn sliders_and_truncation_end_at_their_ends() {
    let file = many_inputs();
    let model = Model::parse(&file).unwrap();
    let tilt = |steps| value(slider(2, 3, 0), &stepped(slider(2, 3, 0), &model, steps), &model);
    assert_eq!([-99, -1, 3, 10, 99].map(tilt), ["-1.0", "-0.1", "0.3", "1.0", "1.0"]);
    assert_eq!(stepped(slider(2, 3, 0), &model, -99).sliders[2], -SLIDER_STEPS);
    let cut = |steps| value(Control::Truncation, &stepped(Control::Truncation, &model, steps), &model);
    assert_eq!([-99, -2, 0, 9].map(cut), ["0.2", "2.6", "3.0", "3.0"]);
    assert_eq!(stepped(Control::Truncation, &model, 9).truncation, TRUNCATION_STEPS);
}

#[test]
fn a_walk_leads_to_the_next_seed_and_back_around_the_end() {
    let file = common::model(0);
    let model = Model::parse(&file).unwrap();
    let steps = i32::from(WALK_STEPS);
    let at = |steps| {
        let settings = stepped(Control::Walk, &model, steps);
        (settings.seed, settings.step)
    };
    assert_eq!([0, 1, steps - 1, steps].map(at), [(17, 0), (17, 1), (17, WALK_STEPS - 1), (18, 0)]);
    assert_eq!([-1, -steps].map(at), [(16, WALK_STEPS - 1), (16, 0)]);
    assert_eq!(at(-17 * steps - 1), (SEEDS - 1, WALK_STEPS - 1));
}

#[test]
fn a_step_of_the_seed_is_a_page() {
    let file = common::model(0);
    let model = Model::parse(&file).unwrap();
    let mut settings = Settings::new(SEEDS - 3);
    Control::Seed.change(&mut settings, &model, true, 8);
    assert_eq!(settings.seed, 5);
    Control::Seed.change(&mut settings, &model, false, 8);
    assert_eq!(settings.seed, SEEDS - 3);
}

/// Random graphs with inputs of all kinds: the list never overflows, and its controls never panic.
#[test]
fn any_model_can_be_controlled() {
    for seed in 0..40_u16 {
        let draws: Vec<(u8, [u16; 4])> = (0..12)
            .map(|index| ((seed + index) as u8 % 6, [1, 7, 11, 13].map(|factor| factor * (seed + index))))
            .collect();
        let model = gan_core::synthetic::branching(seed.into(), gan_core::synthetic::Numbers::Usual, &draws);
        let file = AlignedBytes::new(&model.finish("any"));
        let model = Model::parse(&file).unwrap();
        let found = controls::of(&model);
        assert!(!found.is_empty() && found.len() < MAX_CONTROLS);
        let mut settings = Settings::new(0);
        for control in &found {
            for step in 0..40 {
                control.change(&mut settings, &model, step % 7 > 2, 8);
                assert!(!value(*control, &settings, &model).is_empty() || *control == Control::Entry);
            }
            assert!(!label(*control, &model).is_empty());
        }
    }
}
