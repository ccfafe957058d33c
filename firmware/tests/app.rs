//! What the buttons do and what comes onto the display, on the host.

mod common;

use embedded_graphics::{
    framebuffer::{Framebuffer, buffer_size},
    image::GetPixel,
    pixelcolor::{
        BinaryColor, Gray4, Gray8, Rgb565,
        raw::{BigEndian, RawU1, RawU4, RawU16},
    },
    prelude::*,
};
use firmware::{
    App, Cost, Meter, Shown, Stopwatch, Unit, View,
    app::{SEEDS, WALK_STEPS},
    buttons::{Button, Event},
};
use gan_core::{Arena, Generator, Model};
use rand_core::SeedableRng;
use rand_xoshiro::Xoshiro128PlusPlus;

type Oled = Framebuffer<Gray4, RawU4, BigEndian, 128, 64, { buffer_size::<Gray4>(128, 64) }>;
type Tft = Framebuffer<Rgb565, RawU16, BigEndian, 240, 320, { buffer_size::<Rgb565>(240, 320) }>;
type Paper = Framebuffer<BinaryColor, RawU1, BigEndian, 128, 64, { buffer_size::<BinaryColor>(128, 64) }>;

/// Runs `test` with an app of a model of `classes` classes, starting at `seed`.
fn with_app(classes: u8, seed: u32, test: impl FnOnce(App<'_, Xoshiro128PlusPlus>)) {
    let file = common::model(classes);
    let model = Model::parse(&file).unwrap();
    let mut arena = Arena::<{ common::ARENA }>::new();
    let entropy = Xoshiro128PlusPlus::seed_from_u64(1);
    test(App::new(&model, &mut arena, entropy).unwrap().starting_at(seed));
}

/// What [`clock`] measures.
const COST: Option<Cost> = Some(Cost { amount: 700, unit: Unit::Microseconds });

/// By this meter every picture costs the same.
struct Always(Option<Cost>);

impl Meter for Always {
    fn measure<T>(&mut self, work: impl FnOnce() -> T) -> (T, Option<Cost>) {
        (work(), self.0)
    }
}

/// By this clock every picture takes `amount` microseconds.
fn takes(amount: u32) -> Always {
    Always(Some(Cost { amount, unit: Unit::Microseconds }))
}

/// By this one every picture takes 700.
fn clock() -> Always {
    Always(COST)
}

fn draw(app: &mut App<'_, Xoshiro128PlusPlus>) -> (Shown, Oled) {
    let mut oled = Oled::new();
    (app.draw(&mut oled, &mut clock()).unwrap(), oled)
}

fn press(app: &mut App<'_, Xoshiro128PlusPlus>, button: Button) {
    app.handle(Event::Pressed(button));
    app.handle(Event::Clicked(button));
}

#[test]
fn the_seed_on_the_display_reproduces_the_picture() {
    let (class, seed) = (3, 123_456);
    let file = common::model(10);
    let model = Model::parse(&file).unwrap();
    let mut arena = Arena::<{ common::ARENA }>::new();
    let mut generator = Generator::new(&model, &mut arena).unwrap();
    let latent = generator.latent(&mut Xoshiro128PlusPlus::seed_from_u64(seed.into())).class(class);
    let digit = generator.generate(&latent);

    with_app(10, seed, |mut app| {
        for _ in 0..class {
            press(&mut app, Button::Up);
        }
        let (shown, oled) = draw(&mut app);
        assert_eq!(shown, Shown { view: View::Digit, class, seed, step: 0, pictures: 1, cost: COST });
        for (x, y) in (0..56).flat_map(|y| (0..56).map(move |x| (x, y))) {
            let on_display = oled.pixel(Point::new(4 + x, 4 + y)).unwrap();
            let grey = Gray8::new(digit.grey(x as usize / 2, y as usize / 2));
            assert_eq!(on_display, Gray4::from(grey), "({x}, {y})");
        }
    });
}

#[test]
fn up_and_down_go_around_the_classes() {
    with_app(10, 0, |mut app| {
        let mut class_after = |button| {
            press(&mut app, button);
            draw(&mut app).0.class
        };
        assert_eq!(class_after(Button::Down), 9);
        assert_eq!(class_after(Button::Up), 0);
        assert_eq!(class_after(Button::Up), 1);
    });
}

#[test]
fn a_walk_of_all_steps_ends_at_the_next_seed_and_leads_back() {
    with_app(10, SEEDS - 1, |mut app| {
        let (start, first) = draw(&mut app);
        let mut pictures = vec![first];
        for step in 1..WALK_STEPS {
            press(&mut app, Button::Right);
            let (shown, picture) = draw(&mut app);
            assert_eq!((shown.seed, shown.step), (start.seed, step));
            assert!(pictures.iter().all(|before| before.data() != picture.data()), "step {step} moved on");
            pictures.push(picture);
        }
        press(&mut app, Button::Right);
        let (end, _) = draw(&mut app);
        assert_eq!((end.seed, end.step), (0, 0), "seeds go around");
        for picture in pictures.iter().rev() {
            press(&mut app, Button::Left);
            assert!(draw(&mut app).1.data() == picture.data(), "the way back is the way there");
        }
    });
}

#[test]
fn a_held_right_button_walks_on() {
    with_app(10, 5, |mut app| {
        assert!(app.handle(Event::Pressed(Button::Right)));
        assert!(app.handle(Event::Held(Button::Right)));
        assert!(app.handle(Event::Repeated(Button::Right)));
        assert!(!app.handle(Event::Released(Button::Right)));
        assert_eq!(draw(&mut app).0.step, 3);
    });
}

#[test]
fn select_draws_a_new_seed_and_only_when_released() {
    with_app(10, 5, |mut app| {
        press(&mut app, Button::Right);
        assert!(!app.handle(Event::Pressed(Button::Select)));
        assert!(app.handle(Event::Clicked(Button::Select)));
        let (shown, _) = draw(&mut app);
        assert_ne!(shown.seed, 5);
        assert!(shown.seed < SEEDS && shown.step == 0);
    });
}

#[test]
fn select_held_shows_the_grid_whose_pages_are_consecutive_seeds() {
    with_app(10, 100, |mut app| {
        assert!(app.handle(Event::Held(Button::Select)));
        assert!(!app.handle(Event::Released(Button::Select)));
        let (shown, _) = draw(&mut app);
        assert_eq!((shown.view, shown.seed, shown.pictures, shown.cost), (View::Grid, 100, 8, COST));
        press(&mut app, Button::Right);
        assert_eq!(draw(&mut app).0.seed, 108);
        press(&mut app, Button::Left);
        press(&mut app, Button::Left);
        assert_eq!(draw(&mut app).0.seed, 92);
        app.handle(Event::Held(Button::Select));
        let (shown, _) = draw(&mut app);
        assert_eq!((shown.view, shown.seed), (View::Digit, 92), "the grid's first digit");
    });
}

#[test]
fn a_model_without_classes_ignores_up_and_down() {
    with_app(0, 5, |mut app| {
        assert!(!app.handle(Event::Pressed(Button::Up)));
        assert!(!app.handle(Event::Pressed(Button::Down)));
        assert_eq!(draw(&mut app).0.class, 0);
    });
}

/// Lines are overdrawn, not cleared: whatever was on the display before must not show through.
#[test]
fn a_display_drawn_over_and_over_equals_one_drawn_afresh() {
    let way = [
        Event::Clicked(Button::Select),
        Event::Pressed(Button::Up),
        Event::Pressed(Button::Right),
        Event::Held(Button::Select),
        Event::Pressed(Button::Right),
        Event::Pressed(Button::Down),
        Event::Held(Button::Select),
        Event::Pressed(Button::Left),
    ];
    with_app(10, 999_999, |mut app| {
        let mut kept = Oled::new();
        // Shorter and shorter times: the text that stood there was longer.
        let mut micros = 100_000_000;
        app.draw(&mut kept, &mut takes(micros)).unwrap();
        for steps in 1..=way.len() {
            assert!(app.handle(way[steps - 1]));
            micros /= 9;
            app.draw(&mut kept, &mut takes(micros)).unwrap();
            with_app(10, 999_999, |mut fresh| {
                for event in &way[..steps] {
                    // Drawing tells the app how many digits a page has.
                    draw(&mut fresh);
                    fresh.handle(*event);
                }
                let mut display = Oled::new();
                fresh.draw(&mut display, &mut takes(micros)).unwrap();
                assert!(kept.data() == display.data(), "after {:?}", &way[..steps]);
            });
        }
    });
}

/// A board with a clock, one that counts instructions, and one that can measure nothing say so on the display.
#[test]
fn the_display_says_what_a_picture_cost_in_the_boards_own_unit() {
    let [time, count] = [Unit::Microseconds, Unit::Instructions].map(|unit| Cost { amount: 798_827, unit });
    for view in [&[][..], &[Event::Held(Button::Select)]] {
        let screens = [Some(time), Some(count), None].map(|cost| {
            let mut oled = Oled::new();
            with_app(10, 5, |mut app| {
                for event in view {
                    app.handle(*event);
                }
                assert_eq!(app.draw(&mut oled, &mut Always(cost)).unwrap().cost, cost);
            });
            oled.data().to_vec()
        });
        assert!(screens[0] != screens[1] && screens[1] != screens[2] && screens[2] != screens[0]);
    }
}

/// The mean of a page, whose pictures took longer and longer, and of which the clock's count runs over.
#[test]
fn a_grid_shows_the_mean_of_its_pictures() {
    let (mut now, mut readings) = (u32::MAX - 1_000, 0);
    let mut stopwatch = Stopwatch(move || {
        readings += 1;
        now = now.wrapping_add(100 * readings);
        now
    });
    with_app(10, 5, |mut app| {
        app.handle(Event::Held(Button::Select));
        let shown = app.draw(&mut Oled::new(), &mut stopwatch).unwrap();
        // 200, 400, … 1,600.
        assert_eq!((shown.pictures, shown.cost), (8, Some(Cost { amount: 900, unit: Unit::Microseconds })));
    });
}

#[test]
fn colour_and_black_and_white_displays_show_digit_and_text() {
    with_app(10, 5, |mut app| {
        let mut tft = Tft::new();
        app.draw(&mut tft, &mut clock()).unwrap();
        let lit = |rows: std::ops::Range<i32>| {
            rows.flat_map(|y| (0..240).map(move |x| Point::new(x, y)))
                .filter(|point| tft.pixel(*point).is_some_and(|color| color.g() > Rgb565::MAX_G / 2))
                .count()
        };
        assert!(lit(0..240) > 100 && lit(240..320) > 100, "{} {}", lit(0..240), lit(240..320));
    });
    with_app(10, 5, |mut app| {
        let mut paper = Paper::new();
        app.draw(&mut paper, &mut clock()).unwrap();
        assert!(paper.data().iter().any(|byte| *byte != 0));
    });
}

#[test]
fn a_message_is_broken_at_the_edge_and_cut_at_the_end_of_the_display() {
    let mut oled = Oled::new();
    firmware::screen::message(&mut oled, "Model file: the checksum does not match").unwrap();
    let lit = |rows: std::ops::Range<i32>| {
        rows.flat_map(|y| (0..128).map(move |x| Point::new(x, y)))
            .filter(|point| oled.pixel(*point) != Some(Gray4::BLACK))
            .count()
    };
    // 25 characters of 5×8 a line: two lines.
    assert!(lit(0..8) > 50 && lit(8..16) > 50 && lit(16..64) == 0);

    let long = "x".repeat(10_000);
    firmware::screen::message(&mut oled, long).unwrap();
}

/// The panel of a model whose classes have these names, at class 1: columns of the OLED right of the picture.
fn panel_of_class_one(names: &[&str]) -> Vec<u8> {
    let file = common::named_model(10, names);
    let model = Model::parse(&file).unwrap();
    let mut arena = Arena::<{ common::ARENA }>::new();
    let entropy = Xoshiro128PlusPlus::seed_from_u64(1);
    let mut app = App::new(&model, &mut arena, entropy).unwrap().starting_at(5);
    app.handle(Event::Pressed(Button::Up));
    let (shown, oled) = draw(&mut app);
    assert_eq!(shown.class, 1);
    let points = (0..64).flat_map(|y| (64..128).map(move |x| Point::new(x, y)));
    points.map(|point| oled.pixel(point).unwrap().luma()).collect()
}

#[test]
fn a_class_is_shown_by_its_name_or_else_by_its_number() {
    let numbers: Vec<String> = (0..10).map(|class| class.to_string()).collect();
    let named = |name: &str| {
        let mut names: Vec<&str> = numbers.iter().map(String::as_str).collect();
        names[1] = name;
        panel_of_class_one(&names)
    };
    assert_eq!(named("1"), panel_of_class_one(&[]));
    assert_ne!(named("boot"), named("1"));
    // What is too long is cut, and letters that no font has are marked.
    assert_eq!(named("an ankle boot of brown leather"), named("an ankle boot of black leather"));
    assert_ne!(named("an ankle boot of brown leather"), named(""));
    assert_eq!(named("Stöckel"), named("St?ckel"));
}
