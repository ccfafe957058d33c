//! From one model to another.

mod common;

use common::harness::{COST, draw, focus, picture, press, with_gallery};
use embedded_graphics::pixelcolor::GrayColor;
use firmware::{
    App, Settings, Shown, StartError,
    buttons::{Button, Event},
};
use gan_core::synthetic::{Activation, Synthetic};
use gan_core::{Aligned, AlignedBytes, Model, Shape};
use rand_core::SeedableRng;
use rand_xoshiro::Xoshiro128PlusPlus;

#[test]
fn the_gallery_leads_to_another_model_at_the_same_seed() {
    with_gallery(&[common::model(10), common::model(0), mirror()], 5, |mut app| {
        press(&mut app, Button::Right);
        let (before, screen) = draw(&mut app);
        assert!(app.handle(Event::Held(Button::Select)));
        assert!(!app.handle(Event::Released(Button::Select)));
        let (shown, _) = draw(&mut app);
        assert_eq!((shown.gallery, shown.model, shown.pictures, shown.cost), (Some(0), 0, 0, None));

        // Held again, it closes, and nothing has changed.
        app.handle(Event::Held(Button::Select));
        let (closed, again) = draw(&mut app);
        assert!(closed == before && again.data() == screen.data());

        app.handle(Event::Held(Button::Select));
        press(&mut app, Button::Left);
        press(&mut app, Button::Up);
        assert_eq!(draw(&mut app).0.gallery, Some(2), "around the end");
        press(&mut app, Button::Up);
        press(&mut app, Button::Select);
        let (shown, _) = draw(&mut app);
        let settings = Settings::new(5);
        assert_eq!(shown, Shown { model: 1, gallery: None, focus: 0, settings, pictures: 1, cost: COST });

        // The one that is shown already stays as it is.
        press(&mut app, Button::Right);
        app.handle(Event::Held(Button::Select));
        press(&mut app, Button::Select);
        assert_eq!(draw(&mut app).0.settings.seed, 6);
    });
}

/// A picture that is its input.
fn mirror() -> AlignedBytes {
    let side = Shape::new(28, 28, 1);
    let model = Synthetic::new(1, 4).picture(side).sum(&[1], side, Activation::None);
    AlignedBytes::new(&model.finish("mirror"))
}

#[test]
fn a_picture_input_shows_the_picture_made_before_the_model_was_entered_until_another_is_taken() {
    const PICTURE: u8 = 3;
    with_gallery(&[mirror(), common::model(10)], 5, |mut app| {
        let (shown, digit) = draw(&mut app);
        assert_eq!(shown.settings.taken, 0);
        let white = picture(&digit).iter().filter(|pixel| pixel.luma() > 7).count();
        // The model shows it in white or in black.
        let ink = white.min(56 * 56 - white);
        assert!((200..1000).contains(&ink), "a digit of {ink} of 56 x 56 pixels");
        let to_the_other = |app: &mut App<'_, Xoshiro128PlusPlus>| {
            app.handle(Event::Held(Button::Select));
            press(app, Button::Down);
            press(app, Button::Select);
            draw(app)
        };
        to_the_other(&mut app);
        let (shown, handed_over) = to_the_other(&mut app);
        assert_eq!((shown.model, shown.settings.taken), (0, 1));
        assert!(picture(&handed_over) != picture(&digit));
        // Nothing but the seed changes: the picture stays.
        press(&mut app, Button::Select);
        let (_, stayed) = draw(&mut app);
        assert!(picture(&stayed) == picture(&handed_over));
        focus(&mut app, PICTURE);
        press(&mut app, Button::Right);
        let (shown, of_itself) = draw(&mut app);
        assert_eq!(shown.settings.taken, 2);
        assert!(picture(&of_itself) != picture(&handed_over), "its own picture is its input now");
        press(&mut app, Button::Left);
        let (shown, none) = draw(&mut app);
        assert_eq!(shown.settings.taken, 0);
        assert!(picture(&none) == picture(&digit));
    });
}

#[test]
fn an_app_without_a_model_or_with_too_little_memory_does_not_start() {
    let file = common::model(10);
    let models = [Model::parse(&file).unwrap()];
    let mut arena = Aligned([0; 64]);
    let entropy = || Xoshiro128PlusPlus::seed_from_u64(1);
    assert!(matches!(App::new(&[], &mut arena.0, &mut [], entropy()), Err(StartError::NoModel)));
    let small = App::new(&models, &mut arena.0, &mut [], entropy());
    assert!(matches!(small, Err(StartError::Arena(error)) if error.holds == 64));
}
