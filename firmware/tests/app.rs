//! What the buttons do to one model.

mod common;

use common::harness::{ARENA, COST, clock, draw, focus, picture, press, with_app, with_gallery};
use embedded_graphics::{
    image::GetPixel,
    pixelcolor::{Gray4, Gray8},
    prelude::*,
    primitives::{PointsIter, Rectangle},
};
use firmware::{
    Settings, Shown,
    buttons::{Button, Event},
    shown::{SEEDS, WALK_STEPS},
};
use gan_core::synthetic::{Activation, Synthetic};
use gan_core::{Aligned, AlignedBytes, Generator, Model, Shape};
use rand_core::SeedableRng;
use rand_xoshiro::Xoshiro128PlusPlus;

/// Places of the controls of a model with a choice and a latent, from the top.
const CHOICE: u8 = 0;
const SEED: u8 = 1;
const WALK: u8 = 2;
const SHOW: u8 = 4;

#[test]
fn the_seed_on_the_display_reproduces_the_picture() {
    let (class, seed) = (3, 123_456);
    let file = common::model(10);
    let model = Model::parse(&file).unwrap();
    let mut arena = Aligned([0; ARENA]);
    let mut generator = Generator::in_memory(&model, &mut arena.0).unwrap();
    let latent = generator.latent(&mut Xoshiro128PlusPlus::seed_from_u64(seed.into())).class(class);
    let digit = generator.generate(&latent);

    with_app(10, seed, |mut app| {
        for _ in 0..class {
            press(&mut app, Button::Right);
        }
        let (shown, oled) = draw(&mut app);
        let settings = Settings { choices: [class, 0, 0, 0], ..Settings::new(seed) };
        assert_eq!(shown, Shown { model: 0, gallery: None, focus: 0, settings, pictures: 1, cost: COST });
        for (x, y) in (0..56).flat_map(|y| (0..56).map(move |x| (x, y))) {
            let on_display = oled.pixel(Point::new(4 + x, 4 + y)).unwrap();
            let grey = Gray8::new(digit.grey(x as usize / 2, y as usize / 2));
            assert_eq!(on_display, Gray4::from(grey), "({x}, {y})");
        }
    });
}

#[test]
fn up_and_down_move_the_focus_around_and_left_and_right_change_what_has_it() {
    with_app(10, 5, |mut app| {
        let mut after = |button| {
            press(&mut app, button);
            let (shown, _) = draw(&mut app);
            (shown.focus, shown.settings.choices[0], shown.settings.seed)
        };
        assert_eq!(after(Button::Left), (CHOICE, 9, 5));
        assert_eq!(after(Button::Right), (CHOICE, 0, 5));
        assert_eq!(after(Button::Up), (SHOW, 0, 5));
        assert_eq!(after(Button::Down), (CHOICE, 0, 5));
        assert_eq!(after(Button::Down), (SEED, 0, 5));
        assert_eq!(after(Button::Right), (SEED, 0, 6));
    });
}

#[test]
fn a_walk_of_all_steps_ends_at_the_next_seed_and_leads_back() {
    with_app(10, SEEDS - 1, |mut app| {
        focus(&mut app, WALK);
        let (start, first) = draw(&mut app);
        let mut screens = vec![first];
        for step in 1..WALK_STEPS {
            press(&mut app, Button::Right);
            let (shown, oled) = draw(&mut app);
            assert_eq!((shown.settings.seed, shown.settings.step), (start.settings.seed, step));
            assert!(screens.iter().all(|before| before.data() != oled.data()), "step {step} moved on");
            screens.push(oled);
        }
        press(&mut app, Button::Right);
        let (end, _) = draw(&mut app);
        assert_eq!((end.settings.seed, end.settings.step), (0, 0), "seeds go around");
        for before in screens.iter().rev() {
            press(&mut app, Button::Left);
            assert!(draw(&mut app).1.data() == before.data(), "the way back is the way there");
        }
    });
}

#[test]
fn a_held_right_button_walks_on() {
    with_app(10, 5, |mut app| {
        focus(&mut app, WALK);
        assert!(app.handle(Event::Pressed(Button::Right)));
        assert!(app.handle(Event::Held(Button::Right)));
        assert!(app.handle(Event::Repeated(Button::Right)));
        assert!(!app.handle(Event::Released(Button::Right)));
        assert_eq!(draw(&mut app).0.settings.step, 3);
    });
}

#[test]
fn select_draws_a_new_seed_and_only_when_released() {
    with_app(10, 5, |mut app| {
        focus(&mut app, WALK);
        press(&mut app, Button::Right);
        assert!(!app.handle(Event::Pressed(Button::Select)));
        assert!(app.handle(Event::Clicked(Button::Select)));
        let settings = draw(&mut app).0.settings;
        assert_ne!(settings.seed, 5);
        assert!(settings.seed < SEEDS && settings.step == 0);
    });
}

#[test]
fn show_leads_to_many_pictures_whose_pages_are_consecutive_seeds() {
    with_app(10, 100, |mut app| {
        focus(&mut app, SHOW);
        press(&mut app, Button::Right);
        let (shown, _) = draw(&mut app);
        assert!(shown.settings.many);
        assert_eq!((shown.settings.seed, shown.pictures, shown.cost), (100, 8, COST));
        for _ in SEED..SHOW {
            press(&mut app, Button::Up);
        }
        press(&mut app, Button::Right);
        assert_eq!(draw(&mut app).0.settings.seed, 108);
        press(&mut app, Button::Left);
        press(&mut app, Button::Left);
        assert_eq!(draw(&mut app).0.settings.seed, 92);
        focus(&mut app, SHOW - SEED);
        press(&mut app, Button::Left);
        let (shown, _) = draw(&mut app);
        assert_eq!((shown.settings.many, shown.settings.seed), (false, 92), "the first of many");
    });
}

#[test]
fn a_model_without_anything_to_change_ignores_all_but_the_gallery() {
    let file = common::drawn_by_choices(&[], &[], &["only"]);
    with_gallery(&[file], 5, |mut app| {
        for button in Button::ALL {
            assert!(!app.handle(Event::Pressed(button)), "{button:?}");
            assert!(!app.handle(Event::Clicked(button)), "{button:?}");
        }
        assert!(app.handle(Event::Held(Button::Select)));
        assert_eq!(draw(&mut app).0.gallery, Some(0));
    });
}

#[test]
fn an_entry_of_its_own_makes_the_picture_that_it_is_for() {
    let names: [(&str, &[&str]); 1] = [("digit", &["zero", "one", "two"])];
    with_gallery(&[common::drawn_by_choices(&names, &[], &["same", "next"])], 5, |mut app| {
        press(&mut app, Button::Right);
        let (shown, next_of_zero) = draw(&mut app);
        assert_eq!((shown.settings.entry, shown.pictures), (1, 1));
        press(&mut app, Button::Right);
        press(&mut app, Button::Down);
        press(&mut app, Button::Right);
        let (shown, same_of_one) = draw(&mut app);
        assert_eq!((shown.settings.entry, shown.settings.choices[0]), (0, 1));
        assert!(picture(&next_of_zero) == picture(&same_of_one));
    });
}

/// z and two codes, joined, to a picture.
fn with_codes() -> AlignedBytes {
    let model = Synthetic::new(1, 4).uniform(Shape::new(1, 1, 2)).concat(&[0, 1], Activation::None);
    AlignedBytes::new(&model.dense(28, 28, 1, Activation::Tanh).finish("codes"))
}

#[test]
fn sliders_change_the_picture_and_leave_the_seeds_numbers_alone() {
    with_gallery(&[with_codes()], 5, |mut app| {
        let (shown, middle) = draw(&mut app);
        assert_eq!(shown.settings.sliders, [0; 8]);
        press(&mut app, Button::Right);
        let (shown, tilted) = draw(&mut app);
        assert_eq!(shown.settings.sliders[..2], [1, 0]);
        assert!(picture(&tilted) != picture(&middle));
        press(&mut app, Button::Left);
        assert!(picture(&draw(&mut app).1) == picture(&middle));
    });
}

#[test]
fn a_slider_moves_the_number_that_the_host_would_set() {
    let file = with_codes();
    let model = Model::parse(&file).unwrap();
    let mut arena = Aligned([0; ARENA]);
    let mut generator = Generator::in_memory(&model, &mut arena.0).unwrap();
    let mut latent = generator.latent(&mut Xoshiro128PlusPlus::seed_from_u64(5));
    latent.uniform_values_mut().copy_from_slice(&[0, -127]);
    let image = generator.generate(&latent);
    with_gallery(&[with_codes()], 5, |mut app| {
        press(&mut app, Button::Down);
        (0..12).for_each(|_| press(&mut app, Button::Left));
        let (shown, oled) = draw(&mut app);
        assert_eq!(shown.settings.sliders[..2], [0, -10]);
        let expected: Vec<Gray4> = (0..56 * 56)
            .map(|place| Gray4::from(Gray8::new(image.grey(place % 56 / 2, place / 56 / 2))))
            .collect();
        assert!(picture(&oled) == expected);
    });
}

/// What is drawn on a display, block by block.
#[derive(Default)]
struct Recorder(Vec<(Rectangle, Vec<Gray4>)>);

impl OriginDimensions for Recorder {
    fn size(&self) -> Size {
        Size::new(128, 64)
    }
}

impl DrawTarget for Recorder {
    type Color = Gray4;
    type Error = core::convert::Infallible;

    fn draw_iter<I: IntoIterator<Item = Pixel<Gray4>>>(&mut self, _: I) -> Result<(), Self::Error> {
        unreachable!("everything is drawn in blocks")
    }

    fn fill_contiguous<I: IntoIterator<Item = Gray4>>(
        &mut self,
        area: &Rectangle,
        colors: I,
    ) -> Result<(), Self::Error> {
        self.0.push((*area, colors.into_iter().collect()));
        Ok(())
    }

    fn fill_solid(&mut self, area: &Rectangle, color: Gray4) -> Result<(), Self::Error> {
        self.fill_contiguous(area, area.points().map(|_| color))
    }
}

/// A model that draws pixel by pixel.
fn drawn() -> AlignedBytes {
    let model = Synthetic::new(1, 4).drawn(28, 28).window(&[[-1, 0, 0], [0, -1, 0]], Activation::None);
    AlignedBytes::new(&model.dense(1, 1, 4, Activation::None).draw(0).entry("drawn", 0).finish("drawn"))
}

#[test]
fn a_picture_that_is_drawn_pixel_by_pixel_comes_up_row_by_row() {
    with_gallery(&[drawn()], 5, |mut app| {
        let mut display = Recorder::default();
        app.draw(&mut display, &mut clock()).unwrap();
        let (whole, pixels) = &display.0[29];
        assert_eq!(*whole, Rectangle::new(Point::new(4, 4), Size::new(56, 56)));
        assert!(pixels.iter().any(|&pixel| pixel != pixels[0]));
        let rows = &display.0[1..29];
        for (row, (area, _)) in (0..).zip(rows) {
            assert_eq!(*area, Rectangle::new(Point::new(4, 4 + 2 * row), Size::new(56, 2)), "row {row}");
        }
        assert_eq!(rows.iter().flat_map(|(_, pixels)| pixels.clone()).collect::<Vec<_>>(), *pixels);
    });
}
